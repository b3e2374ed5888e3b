// Package page shows documents to people: what the service answers as JSON it answers
// browsers as a page that holds the same (OGC API - Features Part 1, 17-069r4, section
// 8.2, requirements class html).
//
// A page is made of one frame, in [Frame], around a body. The body of a JSON document is
// made of the document itself by [WriteDocument], so that no member and no link of it
// can be missing; rooms that show something else, such as rows, give a body of their own.
// A problem is answered by [WriteProblem], as JSON or as a page of it.
//
// # Design
//
// A page is whole: its style is in it, it has no script, and it asks for nothing else.
// It runs under [Policy], which lets in that one style by its digest. Lists of objects
// are tables; objects whose members are all objects are tables too, such as the
// properties of a schema. Tables are no wider than the page: what is not plain stands
// below the columns, folded where it is long, and on a narrow screen a row is a card.
package page
