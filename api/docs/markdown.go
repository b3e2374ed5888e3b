package docs

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A rendered is a page as HTML, without its title.
type rendered struct {
	Title    string
	Contents []heading // the second level, in order
	Body     template.HTML
}

type heading struct{ ID, Text string }

// markdown reads CommonMark with tables; HTML within it is left out.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
	goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithHeadingAttribute()),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, 100))),
)

// render makes a page of Markdown. Links to files of the manual become links to
// addresses by to.
func render(source string, to func(name string) string) (rendered, error) {
	b := []byte(source)
	document := markdown.Parser().Parse(text.NewReader(b))
	var page rendered
	var title ast.Node
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 {
				title, page.Title = n, plain(n, b)
			}
			if id, ok := n.AttributeString("id"); ok && n.Level == 2 {
				page.Contents = append(page.Contents, heading{string(id.([]byte)), plain(n, b)})
			}
		case *ast.Link:
			n.Destination = []byte(destination(string(n.Destination), to))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return page, err
	}
	if title != nil {
		document.RemoveChild(document, title)
	}
	var out bytes.Buffer
	err = markdown.Renderer().Render(&out, b, document)
	page.Body = template.HTML(out.String()) //nolint:gosec // made by us of text that is ours
	return page, err
}

// destination returns where a link leads: to what to says for a file of the manual.
func destination(link string, to func(name string) string) string {
	file, fragment, found := strings.Cut(link, "#")
	name, ok := strings.CutSuffix(file, ".md")
	if !ok || strings.Contains(name, "/") {
		return link
	}
	if found {
		fragment = "#" + fragment
	}
	return to(name) + fragment
}

// plain returns the text of a node without its marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Value(source))
			continue
		}
		b.WriteString(plain(c, source))
	}
	return b.String()
}

// blocks shows fenced blocks: with the name of the file that it is, where the fence
// gives one behind the language.
type blocks struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (blocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block := n.(*ast.FencedCodeBlock)
		var file string
		if block.Info != nil {
			_, file, _ = strings.Cut(string(block.Info.Value(source)), " ")
		}
		_, _ = w.WriteString("<figure>")
		if file != "" {
			_, _ = w.WriteString("<figcaption>" + template.HTMLEscapeString(file) + "</figcaption>")
		}
		_, _ = w.WriteString("<pre tabindex=\"0\"><code>")
		for i := range block.Lines().Len() {
			line := block.Lines().At(i)
			_, _ = w.Write(util.EscapeHTML(line.Value(source)))
		}
		_, _ = w.WriteString("</code></pre></figure>\n")
		return ast.WalkSkipChildren, nil
	})
}
