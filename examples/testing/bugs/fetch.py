# A client by Python's urllib, which by default takes a connection that was cut for one
# that has ended. Usage: python3 fetch.py [check] URL CAFILE. With `check` it has ssl tell
# the one from the other.

import ssl
import sys
import urllib.request

url, cafile = sys.argv[-2:]
context = ssl.create_default_context(cafile=cafile)
if sys.argv[1] == "check":
    wrap = context.wrap_socket
    context.wrap_socket = lambda sock, **options: wrap(sock, suppress_ragged_eofs=False, **options)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                     urllib.request.HTTPSHandler(context=context))
opener.open(url, timeout=10).read()
