"""Usage: xmpp.py WHAT C2S_PORT DIRECT_PORT S2S_PORT CERTIFICATES

As much of XMPP as shows what a server's TLS is good for.
"""
import base64
import concurrent.futures
import hashlib
import hmac
import re
import socket
import ssl
import sys

what, certs = sys.argv[1], sys.argv[5]
host = "one.example" if what == "ping" else "localhost"
c2s, direct, s2s = map(int, sys.argv[2:5])


def context(version=None):
    made = ssl.create_default_context(cafile=certs + "/ca.pem")
    if version:
        made.maximum_version = version
    return made


class Stream:
    def __init__(self, port, kind="client", sender=None):
        self.sock = socket.create_connection(("127.0.0.1", port), 20)
        self.kind, self.sender, self.text = kind, sender, ""

    def tls(self, ctx):
        self.sock = ctx.wrap_socket(self.sock, server_hostname=host)

    def send(self, text):
        self.sock.sendall(text.encode())

    def expect(self, pattern):
        while True:
            found = re.search(pattern, self.text, re.S)
            if found:
                self.text = self.text[found.end():]
                return found
            data = self.sock.recv(65536)
            if not data:
                raise SystemExit("ended without %r: %s" % (pattern, self.text))
            self.text += data.decode()

    def open(self):
        self.text = ""
        self.send("<?xml version='1.0'?><stream:stream xmlns='jabber:%s' version='1.0' %s "
                  "xmlns:db='jabber:server:dialback' to='%s' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>"
                  % (self.kind, "from='%s'" % self.sender if self.sender else "", host))
        return self.expect("<stream:features>.*</stream:features>").group()

    def starttls(self, ctx):
        if "starttls" not in self.open():
            raise SystemExit("no starttls")
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.expect("<proceed[^>]*>")
        self.tls(ctx)
        return self.open()

    def auth(self, mechanism, text):
        self.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='%s'>%s</auth>"
                  % (mechanism, base64.b64encode(text).decode()))

    def plain(self):
        self.auth("PLAIN", b"\0user\0secret")
        self.expect("<success")
        self.open()

    def scram_plus(self):
        binding = self.sock.get_channel_binding("tls-unique")
        header = b"p=tls-unique,,"
        first = b"n=user,r=abcdef"
        self.auth("SCRAM-SHA-1-PLUS", header + first)
        server = base64.b64decode(self.expect("<challenge[^>]*>([^<]*)<").group(1))
        fields = dict(part.split(b"=", 1) for part in server.split(b","))
        salted = hashlib.pbkdf2_hmac("sha1", b"secret", base64.b64decode(fields[b"s"]),
                                     int(fields[b"i"]))
        key = hmac.digest(salted, b"Client Key", "sha1")
        final = b"c=" + base64.b64encode(header + binding) + b",r=" + fields[b"r"]
        signature = hmac.digest(hashlib.sha1(key).digest(),
                                b",".join((first, server, final)), "sha1")
        proof = bytes(a ^ b for a, b in zip(key, signature))
        final += b",p=" + base64.b64encode(proof)
        self.send("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</response>"
                  % base64.b64encode(final).decode())
        self.expect("<success")


def logged_in():
    stream = Stream(c2s)
    stream.starttls(context())
    stream.plain()
    return stream


def messages(sizes):
    stream = logged_in()
    stream.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
    jid = stream.expect("<jid>([^<]*)</jid>").group(1)
    for size in sizes:
        body = "x" * size
        stream.send("<message to='%s' type='chat'><body>%s</body></message>" % (jid, body))
        assert stream.expect("<body>(x*)</body>").group(1) == body
    return stream


def load(clients):
    """Many clients at once, of which every third just goes."""
    def client(number):
        for _ in range(5):
            stream = messages(range(number + 1, 9000, 1000))
            if number % 3:
                stream.send("</stream:stream>")
                stream.expect("</stream:stream>")
            stream.sock.close()

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))


def external(certificates):
    stream = Stream(s2s, "server", "other.localhost")
    ctx = context()
    ctx.load_cert_chain(*certificates)
    features = stream.starttls(ctx)
    if "EXTERNAL" not in features:
        return False
    stream.auth("EXTERNAL", b"other.localhost")
    stream.expect("<success")
    return True


if what == "starttls":
    print(logged_in().sock.version())
elif what == "direct":
    stream = Stream(direct)
    stream.tls(context())
    stream.open()
    stream.plain()
    print(stream.sock.cipher())
elif what == "scram-plus":
    stream = Stream(c2s)
    if "SCRAM-SHA-1-PLUS" not in stream.starttls(context(ssl.TLSVersion.TLSv1_2)):
        raise SystemExit("no channel binding")
    stream.scram_plus()
elif what == "message":
    stream = messages((10, 20000, 60000))
    stream.send("</stream:stream>")
    stream.expect("</stream:stream>")
elif what == "ping":
    stream = logged_in()
    stream.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
    stream.expect("<jid>")
    stream.send("<iq type='get' id='p' to='two.example'><ping xmlns='urn:xmpp:ping'/></iq>")
    print(stream.expect("<iq [^>]*id='p'[^>]*>").group())
elif what == "load":
    load(15)
elif what == "external":
    if not external((certs + "/chain.pem", certs + "/key.pem")):
        raise SystemExit("no EXTERNAL")
else:
    try:
        accepted = external((certs + "/../stranger/chain.pem", certs + "/../stranger/key.pem"))
    except (SystemExit, OSError) as refusal:
        print(refusal)
    else:
        if accepted:
            raise SystemExit("a stranger may use EXTERNAL")
