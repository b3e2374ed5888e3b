package main

import (
	"net"
	"strings"
	"time"

	"rsc.io/qr"
)

// tellURLs says where the service is.
func (p *program) tellURLs(base string, to listeners, s *shield) {
	base = strings.TrimRight(base, "/")
	phone := base
	if p.config.get("base-url") == "" {
		phone = schemeOf(s) + "://" + reachableFromElsewhere(to.public.Addr())
	}
	p.say("Map      %s/", base)
	p.say("Phone    %s/inspect", phone)
	p.say("GeoJSON  %s/collections/hotspot/items?f=json", base)
	p.say("OGC      %s/", base)
	p.say("Tiles    %s/collections/hotspot/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt", base)
	p.say("Style    %s/styles/hotspot?f=mapbox", base)
	p.say("QGIS     Layer > Add Layer > Add WFS / OGC API Features Layer: %s/", base)
	p.say("GDAL     ogrinfo OAPIF:%s/", base)
	if to.operators != nil {
		p.say("Metrics  http://%s/metrics", reachable(to.operators.Addr()))
	}
	if s != nil && s.authority != nil {
		p.say("CA       %s%s, to be installed on phones; SHA-256 %s", strings.Replace(phone, "https:", "http:", 1), caPath, fingerprint(s.authority))
	}
	local := isLoopback(p.config.get("addr"))
	if p.terminal && !p.quiet && (!local || p.config.get("base-url") != "") {
		p.tell("%s", qrCode(phone+"/inspect"))
	}
	if !local {
		p.warnOfPublic(s)
	}
	if to.operators != nil && !isLoopback(p.config.get("ops")) {
		p.tell("! operators' address %s: everybody who reaches it can read metrics and profiles", p.config.get("ops"))
	}
	p.tell("serving since %s; Ctrl-C ends", p.now().Format(time.TimeOnly))
}

// warnOfPublic says what a service for all lacks.
func (p *program) warnOfPublic(s *shield) {
	addr := p.config.get("addr")
	if p.config.get("private") != "true" {
		p.tell("! listening on %s: everybody who reaches it can read the published layers; --private asks for keys", addr)
	}
	if s == nil {
		p.tell("! listening on %s without TLS: keys can be read on the way, and phones neither say where they are nor keep the page; put TLS in front of it, or --tls auto", addr)
	}
}

func schemeOf(s *shield) string {
	if s != nil {
		return "https"
	}
	return "http"
}

// reachable returns an address a browser on this machine can open.
func reachable(addr net.Addr) string { return addressFor(addr, "localhost") }

// reachableFromElsewhere returns an address that a phone in the same network can open,
// where there is one.
func reachableFromElsewhere(addr net.Addr) string {
	host := "localhost"
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return addressFor(addr, host)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			host = network.IP.String()
			if network.IP.IsPrivate() {
				break
			}
		}
	}
	return addressFor(addr, host)
}

// addressFor returns the address of a listener, with a host in place of all of them.
func addressFor(addr net.Addr, host string) string {
	own, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(own); ip != nil && !ip.IsUnspecified() {
		host = own
	}
	return net.JoinHostPort(host, port)
}

// isLoopback reports whether an address to listen on is reached from this
// machine only.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err != nil || host == "127.0.0.1" || host == "localhost" || host == "::1"
}

// quietZone is how many light modules stand around a QR code (ISO/IEC 18004, section 5.3.8).
const quietZone = 4

// qrCode draws a text as a QR code of characters half as wide as high, two modules above
// one another in each, black on white whatever the colours of the terminal; "" for a text
// that is too long.
func qrCode(text string) string {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for y := -quietZone; y < code.Size+quietZone; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quietZone; x < code.Size+quietZone; x++ {
			top, bottom := code.Black(x, y), y+1 < code.Size+quietZone && code.Black(x, y+1)
			switch {
			case top && bottom:
				b.WriteRune('█')
			case top:
				b.WriteRune('▀')
			case bottom:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}
