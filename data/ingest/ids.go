package ingest

import (
	"crypto/sha256"
	"encoding/hex"
)

// id reads the id, or makes one for files that have none.
func (c *converter) id(row []string) *Reject {
	b := c.plan.bindings[c.plan.at.id]
	v := &c.fact.values[c.plan.at.id]
	if len(b.sources) > 0 {
		if v.text = c.plan.text(b, row); v.text != "" {
			v.ok = true
			c.fact.key, c.fact.generated = keyOfID(v.text), false
			return nil
		}
		if !c.plan.optionalID() {
			return c.reject(b, "", CodeMissing, "an id is required")
		}
	}
	c.hashed.Reset()
	for i, s := range row {
		if !isRejectColumn(c.plan.layout.Columns[i]) {
			c.hashed.WriteString(s)
			c.hashed.WriteByte(0x1F) // the unit separator of ASCII
		}
	}
	sum := sha256.Sum256(c.hashed.Bytes())
	*v = value{text: hex.EncodeToString(sum[:8]), ok: true}
	c.fact.key, c.fact.generated = keyOfID(v.text), true
	return nil
}

// keyOfID returns a digest of an id.
func keyOfID(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

// optionalID reports whether rows may lack an id: the id a GeoJSON feature has
// besides its properties.
func (p *plan) optionalID() bool {
	s := p.bindings[p.at.id].sources
	return len(s) == 1 && p.layout.Columns[s[0]] == columnFeatureID
}
