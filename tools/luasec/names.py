"""Usage: names.py HOST=PORT ...     a DNS server that knows where XMPP servers are

It prints its own port, and answers for the hosts' SRV and A records alone.
"""
import socket
import struct
import sys

hosts = dict(pair.split("=") for pair in sys.argv[1:])


def encoded(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def record(kind, data):
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def answer(query):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    question, kind = query[12:at + 5], query[at + 2]
    name, found = ".".join(labels).lower(), b""
    host = name[len("_xmpp-server._tcp."):]
    if kind == 33 and name.startswith("_xmpp-server._tcp.") and host in hosts:
        found = record(33, struct.pack(">HHH", 0, 0, int(hosts[host])) + encoded(host))
    elif kind == 1 and name in hosts:
        found = record(1, bytes([127, 0, 0, 1]))
    return query[:2] + struct.pack(">HHHHH", 0x8580, 1, bool(found), 0, 0) + question + found


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    query, sender = server.recvfrom(4096)
    server.sendto(answer(query), sender)
