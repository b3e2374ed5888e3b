package tile

import (
	"encoding/binary"
	"math"
)

// Wire types of protocol buffers (Protocol Buffers Encoding, "Message
// Structure").
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

// Field numbers of vector_tile.proto (MVT 2.1, annex A).
const (
	tileLayers = 3

	layerName     = 1
	layerFeatures = 2
	layerKeys     = 3
	layerValues   = 4
	layerExtent   = 5
	layerVersion  = 15

	featureID       = 1
	featureTags     = 2
	featureType     = 3
	featureGeometry = 4

	valueString = 1
	valueDouble = 3
	valueSint   = 6
)

// Types of geometry (annex A, GeomType).
const (
	typePoint   = 1
	typePolygon = 3
)

// Commands of a geometry (section 4.3.1).
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

func appendTag(b []byte, field, wire uint64) []byte {
	return binary.AppendUvarint(b, field<<3|wire)
}

func appendUint(b []byte, field, value uint64) []byte {
	return binary.AppendUvarint(appendTag(b, field, wireVarint), value)
}

func appendBytes[T []byte | string](b []byte, field uint64, value T) []byte {
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(value)))
	return append(b, value...)
}

// zigzag writes numbers near zero short, whatever their sign.
func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func intValue(n int64) string { return string(appendUint(nil, valueSint, zigzag(n))) }

func floatValue(x float64) string {
	return string(binary.LittleEndian.AppendUint64(appendTag(nil, valueDouble, wireFixed64), math.Float64bits(x)))
}

func wordValue(s string) string { return string(appendBytes(nil, valueString, s)) }

// A pen appends the commands of one geometry. Its cursor begins at the origin
// and stays where a ring was closed (section 4.3.3.3).
type pen struct {
	buf []byte
	at  spot
}

func (p *pen) command(id, count int) {
	p.buf = binary.AppendUvarint(p.buf, uint64(count)<<3|uint64(id))
}

func (p *pen) to(s spot) {
	p.buf = binary.AppendUvarint(p.buf, zigzag(int64(s.x-p.at.x)))
	p.buf = binary.AppendUvarint(p.buf, zigzag(int64(s.y-p.at.y)))
	p.at = s
}

// rings appends closed rings (section 4.3.4.4).
func (p *pen) rings(rings [][]spot) {
	for _, ring := range rings {
		p.command(moveTo, 1)
		p.to(ring[0])
		p.command(lineTo, len(ring)-1)
		for _, s := range ring[1:] {
			p.to(s)
		}
		p.command(closePath, 1)
	}
}

// points appends one or more points (section 4.3.4.2).
func (p *pen) points(points []spot) {
	p.command(moveTo, len(points))
	for _, s := range points {
		p.to(s)
	}
}
