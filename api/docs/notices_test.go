package docs

import (
	"testing"
	"testing/fstest"
)

// TestLicencesAreTold by sentences of the texts as their authors publish them.
func TestLicencesAreTold(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := licenceOf(text); got != want {
			t.Errorf("%q is told as %q, want %q", text, got, want)
		}
	}
	f("                                 Apache License\n                           Version 2.0, January 2004", "Apache-2.0")
	f("Permission is hereby granted, free of charge, to any person obtaining a copy\nof this software", "MIT")
	f("2. Redistributions in binary form must reproduce the above copyright\n   notice, this list of conditions", "BSD-2-Clause")
	f("Redistributions in binary form must reproduce the above copyright notice ... Neither the name of X nor the names of its contributors may be used to endorse or promote products", "BSD-3-Clause")
	f("Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee", "ISC")
	f("Mozilla Public License Version 2.0", "MPL-2.0")
	f("This is free and unencumbered software released into the public domain.", "Unlicense")
	f("All rights reserved.", "")
	f("", "")
}

func TestNoticesOfAModule(t *testing.T) {
	files := fstest.MapFS{
		"notices/example.org/a/LICENSE": {Data: []byte("one\n")}, "notices/example.org/a/NOTICE": {Data: []byte("two\n")},
		"notices/example.org/a/v2/LICENSE": {Data: []byte("three")},
	}
	if got := noticeOf(files, "example.org/a"); got != "one\n\ntwo" {
		t.Errorf("the notices are %q", got)
	}
	if got := noticeOf(files, "example.org/b"); got != "" {
		t.Errorf("notices of a module that is not there: %q", got)
	}
}
