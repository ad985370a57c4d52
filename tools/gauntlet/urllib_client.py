# Usage: python3 urllib_client.py URL CAFILE
import ssl
import sys
import urllib.request

context = ssl.create_default_context(cafile=sys.argv[2])
with urllib.request.urlopen(sys.argv[1], timeout=8, context=context) as answer:
    print(answer.read().decode())
