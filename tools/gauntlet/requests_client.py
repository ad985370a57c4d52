# Usage: python3 requests_client.py URL CAFILE
import sys

import requests

print(requests.get(sys.argv[1], timeout=8, verify=sys.argv[2]).text)
