"""The tasks of plain.c for CPython's ssl module; as tasks.lua."""

import os
import socket
import ssl
import sys
import time

task, size, count, port = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
folder = os.environ["BENCH_DIR"]
started = [0, 0]


def start():
    started[:] = time.process_time(), time.monotonic()


def report(n):
    print("%.9f %.9f %d" % (time.process_time() - started[0], time.monotonic() - started[1], n))


def limit(ctx):
    # CPython 3.15 is the first to choose suites of TLS 1.3
    if "BENCH_CIPHER" in os.environ and hasattr(ctx, "set_ciphersuites"):
        ctx.set_ciphersuites(os.environ["BENCH_CIPHER"])
    return ctx


def client():
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.load_verify_locations(folder + "/ca.pem")
    return limit(ctx)


def server():
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain("%s/%s.pem" % (folder, os.environ["BENCH_CERT"]))
    return limit(ctx)


def connect(ctx, session=None):
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return ctx.wrap_socket(sock, server_hostname="localhost", session=session)


def recv_exactly(conn, n):
    while n > 0:
        n -= len(conn.recv(n))


def receive():
    conn, total = connect(client()), 0
    start()
    while True:
        data = conn.recv(size)
        if not data:
            break
        total += len(data)
    report(total)


def into():
    conn, total, buffer = connect(client()), 0, bytearray(size)
    start()
    while True:
        n = conn.recv_into(buffer)
        if n == 0:
            break
        total += n
    report(total)


def send():
    conn, data = connect(client()), b"x" * size
    start()
    for _ in range(count):
        conn.sendall(data)
    conn.unwrap().close()
    report(size * count)


def pingpong():
    conn, data = connect(client()), b"x" * size
    start()
    for _ in range(count):
        conn.sendall(data)
        conn.recv(size)
    report(count)


def pieces(conn, read, argument):
    spent = n = 0
    times = range(16384 // size - 1)
    while read(argument):
        before = time.process_time()
        for _ in times:
            read(argument)
        spent += time.process_time() - before
        n += len(times)
    print("%.9f 0 %d" % (spent, n))


def small():
    conn = connect(client())
    pieces(conn, conn.recv, size)


def smallinto():
    conn = connect(client())
    pieces(conn, conn.recv_into, bytearray(size))


def wants(read):
    start()
    for _ in range(count):
        try:
            read(size)
        except ssl.SSLWantReadError:
            pass
    report(count)


def want():
    conn = connect(client())
    conn.sendall(b"x" * size)
    recv_exactly(conn, size)
    conn.setblocking(False)
    wants(conn.recv)


def connects():
    ctx = client()
    for i in range(count + 1):
        if i == 1:
            start()
        conn = connect(ctx)
        assert len(conn.recv(1)) == 1
        conn.close()
    report(count)


def resumes():
    ctx, session = client(), None
    for i in range(count + 1):
        if i == 1:
            start()
        conn = connect(ctx, session)
        assert conn.session_reused == (i > 0)
        assert len(conn.recv(1)) == 1
        session = conn.session
        conn.unwrap().close()
    report(count)


def accepts():
    ctx = server()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    for i in range(count + 1):
        if i == 1:
            start()
        sock = listener.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conn = ctx.wrap_socket(sock, server_side=True)
        conn.sendall(b"x")
        conn.close()
    report(count)


def join(cctx, sctx):
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    a = cctx.wrap_bio(down, up, server_hostname="localhost")
    b = sctx.wrap_bio(up, down, server_side=True)
    for side in (a, b):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
    a.do_handshake()
    b.do_handshake()
    return a, b


def pairs():
    cctx, sctx = client(), server()
    for i in range(count + 1):
        if i == 1:
            start()
        join(cctx, sctx)
    report(count)


def memory():
    a, b = join(client(), server())
    data = b"x" * size
    start()
    for _ in range(count):
        a.write(data)
        left = size
        while left > 0:
            left -= len(b.read(size))
    report(size * count)


def memoryinto():
    a, b = join(client(), server())
    data, buffer = b"x" * size, bytearray(size)
    start()
    for _ in range(count):
        a.write(data)
        left = size
        while left > 0:
            left -= b.read(size, buffer)
    report(size * count)


def wantmemory():
    conn, _ = join(client(), server())
    wants(conn.read)


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def keep(open_one):
    kept, before = [], 0
    for i in range(-20, count):
        if i == 0:
            before = resident()
        kept.append(open_one(b"x" * size))
    print("0 0 %d" % ((resident() - before) // count))
    sys.stdout.flush()
    os._exit(0)


def idle():
    ctx = client()

    def open_one(data):
        conn = connect(ctx)
        conn.sendall(data)
        recv_exactly(conn, size)
        return conn

    keep(open_one)


def idleserver():
    ctx = server()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)

    def open_one(data):
        sock = listener.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conn = ctx.wrap_socket(sock, server_side=True)
        recv_exactly(conn, size)
        conn.sendall(data)
        return conn

    keep(open_one)


def contexts():
    for i in range(count + 1):
        if i == size:
            start()
        ssl.create_default_context()
        if i == 0 and size == 0:
            return report(1)
    report(count)


def peercert():
    conn = connect(client())
    start()
    for _ in range(count):
        conn.getpeercert()
    report(count)


TASKS = (receive, into, send, pingpong, small, smallinto, want, connects, resumes, accepts,
         pairs, memory, memoryinto, wantmemory, idle, idleserver, contexts, peercert)
if task == "tasks":
    print(" ".join(t.__name__ for t in TASKS))
else:
    globals()[task]()
