"""Usage: pages.py FOLDER CERTIFICATES     serves a folder over TLS, and prints its port

/moved/NAME is a redirect to /NAME.
"""
import http.server
import os
import ssl
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path[len("/moved"):])
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_GET()


certificates = sys.argv[2]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificates + "/chain.pem", certificates + "/key.pem")
os.chdir(sys.argv[1])
server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True,
                                    do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
