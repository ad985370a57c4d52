# Carries scenarios out with Python's ssl. `data` is {"scenarios": [...], "files":
# {...}}; `result` becomes one answer for each. driver.lua does the same in Lua.

import re
import socket
import ssl
import sys
import sysconfig
import warnings

warnings.simplefilter("ignore")
files = data["files"]
# Debian's Python leaves ciphers and the minimum version to OpenSSL's
# configuration; its contexts are to begin as CPython's own do.
own_defaults = sysconfig.get_config_var("PY_SSL_DEFAULT_CIPHERS") in (None, 1)


class Unsupported(BaseException):
    """This Python knows no such name."""


def constant(text):
    value = 0
    for name in text.split("|"):
        here = ssl
        for part in name.split("."):
            if not hasattr(here, part):
                raise Unsupported
            here = getattr(here, part)
        value = here if not isinstance(here, int) else value | here
    return value


def resolve(value):
    """@NAME|NAME is a constant, $name a file, %name the contents of one."""
    if isinstance(value, list):
        return [resolve(v) for v in value]
    if isinstance(value, dict):
        return {k: resolve(v) for k, v in value.items()}
    if isinstance(value, str) and value[:1] == "@":
        return constant(value[1:])
    if isinstance(value, str) and value[:1] == "$":
        return files[value[1:]]
    if isinstance(value, str) and value[:1] == "%":
        with open(files[value[1:]]) as f:
            return f.read()
    return value


def kind(e):
    if isinstance(e, ssl.CertificateError):
        return "SSLCertVerificationError"  # one class since 3.7
    for c in (ssl.SSLError, socket.timeout, OSError, NotImplementedError, ValueError, TypeError,
              OverflowError):
        if isinstance(e, c):
            return type(e).__name__ if c is ssl.SSLError else c.__name__
    # Of an attribute that cannot be written: a wrong use, as a wrong type is.
    return "TypeError" if isinstance(e, AttributeError) else type(e).__name__


def failure(e):
    # Some errors are made of a tuple, and show it.
    text = re.sub(r"^\('(.*)',\)$", r"\1", re.sub(r" \(_ssl\.c:\d+\)", "", str(e)))
    out = {"class": kind(e)}
    if out["class"] not in ("TypeError", "OverflowError"):
        out["message"] = text
    for name in ("library", "reason", "errno", "verify_code", "verify_message"):
        value = getattr(e, name, None)
        if value is not None:
            out[name] = value
    return {"error": out}


def plain(value):
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (bytes, bytearray)):
        return value.decode("latin-1")
    return value if isinstance(value, (str, float)) else type(value).__name__


def attempt(f, *args, **kwargs):
    try:
        return {"value": plain(f(*args, **kwargs))}
    except Exception as e:
        return failure(e)


def apply(target, step):
    """["set", name, value], ["get", name] or ["call", name, [arguments], {options}]."""
    what, name = step[0], step[1]
    if what != "call" and not hasattr(target, name):
        raise Unsupported
    if what == "set":
        return attempt(setattr, target, name, resolve(step[2]))
    if what == "get":
        return attempt(getattr, target, name)
    args = resolve(step[2]) if len(step) > 2 else []
    if name == "write":
        args = [args[0].encode("latin-1")]
    options = resolve(step[3]) if len(step) > 3 else {}
    return attempt(lambda: getattr(target, name)(*args, **options))


def context(protocol, steps, log):
    ctx = ssl.SSLContext(constant(protocol))
    if not own_defaults:
        ctx.set_ciphers(data["ciphers"])
        if ctx.protocol in (ssl.PROTOCOL_TLS, ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER):
            ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    for step in steps:
        answer = apply(ctx, step)
        if "error" in answer or step[0] != "set":
            log.append(answer)
    return ctx


def run_context(s):
    log = []
    try:
        ctx = context(s["protocol"], s.get("steps", []), log)
    except Exception as e:
        return [failure(e)]
    return log + [attempt(getattr, ctx, name) if hasattr(ctx, name) else "unsupported"
                  for name in s.get("ask", [])]


def run_function(s):
    # match_hostname is 3.6's, which knew more wildcards than 3.7.
    if not hasattr(ssl, s["name"]) or (s["name"] == "match_hostname"
                                       and sys.version_info >= (3, 7)):
        raise Unsupported
    return apply(ssl, ["call", s["name"], s.get("args", []), s.get("options", {})])


def run_certificate(s):
    import _ssl
    return attempt(_ssl._test_decode_cert, files[s["file"]])


def servername(ctx, rule, log):
    def callback(conn, name, first):
        log.append({"name": name, "same": first is ctx})
        return constant(rule) if rule else None
    ctx.set_servername_callback(callback)


def side_facts(conn):
    def ask(name, *args):
        return attempt(getattr(conn, name), *args)
    cert = ask("getpeercert")
    return {"version": ask("version"), "cipher": ask("cipher"),
            "alpn": ask("selected_alpn_protocol"),
            "compression": ask("compression"), "cert": cert, "pending": ask("pending"),
            "reused": attempt(getattr, conn, "session_reused"),
            "hostname": attempt(getattr, conn, "server_hostname"),
            "server_side": attempt(getattr, conn, "server_side"),
            "has_session": attempt(lambda: conn.session is not None)}


def handshake(sides, answers):
    waiting = ["client", "server"]
    for _ in range(50):
        for name in list(waiting):
            try:
                sides[name].do_handshake()
                waiting.remove(name)
            except ssl.SSLWantReadError:
                pass
            except Exception as e:
                answers[name] = failure(e)
                waiting.remove(name)
    for name in waiting:
        answers[name] = "waits"


def connect(client, server, s, session=None):
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    options = {"server_hostname": s.get("hostname")}
    if session is not None:
        options["session"] = session
    return {"client": client.wrap_bio(down, up, **options),
            "server": server.wrap_bio(up, down, server_side=True), "up": up, "down": down}


def run_handshake(s):
    log, sni = [], []
    client = context(s.get("client_protocol", "PROTOCOL_TLS_CLIENT"), s.get("client", []), log)
    server = context(s.get("server_protocol", "PROTOCOL_TLS_SERVER"), s.get("server", []), log)
    if "sni" in s:
        servername(server, s["sni"], sni)
    answers, session = {}, None
    for turn in range(s.get("turns", 1)):
        answers = {}
        try:
            sides = connect(client, server, s, session)
        except Exception as e:
            return [failure(e)]
        handshake(sides, answers)
        if not answers and turn + 1 < s.get("turns", 1):
            sides["server"].write(b"x")
            sides["client"].read(1)
            session = sides["client"].session
    for step in s.get("then", []):
        log.append(apply(sides[step[0]], [step[1] if step[1] in ("get", "set") else "call"]
                         + (step[2:] if step[1] in ("get", "set") else step[1:])))
    facts = {} if answers else {n: side_facts(sides[n]) for n in ("client", "server")}
    return {"answers": answers, "log": log, "sni": sni, "facts": facts}


runners = {"context": run_context, "function": run_function, "certificate": run_certificate,
           "handshake": run_handshake}


def run(s):
    try:
        return runners[s["kind"]](s)
    except Unsupported:
        return "unsupported"


result = [run(s) for s in data["scenarios"]]
