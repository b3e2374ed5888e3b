// Package auth finds out who asks: by an API key that a store keeps, or by a token of an
// OpenID Connect provider.
//
// # Keys
//
// A key is 128 random bits with a name in front, such as
// "cg_3f9a21c4_JBSWY3DPEHPK3PXPJBSWY3DPEH". The store keeps its SHA-256 digest, the role
// and the communities it is for, and when it expires, as a document of kind "key": for
// good, so that an audit log can be understood later. Taking a key back is a document
// too. As keys are random there is nothing to guess that a slow hash would protect.
//
// A key comes as X-API-Key, as a bearer token (RFC 6750), as the password of HTTP Basic
// (RFC 7617), which is what GDAL and old GIS programs can send, or, where that is
// allowed, as the parameter api_key, which ends up in logs and bookmarks.
//
// # Tokens
//
// A token is a JWT (RFC 7519) that the configured issuer signed for the configured
// audience, of one of three signature algorithms. The keys of the issuer are fetched when
// a token names one that is not known, so that they can be rotated, but no more often than
// every few seconds, whatever tokens come. Where they cannot be, tokens of keys that are
// not known are told to come again. Two claims say what the caller may do; a token without
// them may do nothing.
package auth
