// Usage: node node_client.js URL CAFILE
const fs = require('fs');
const https = require('https');

const options = { ca: fs.readFileSync(process.argv[3]), timeout: 8000 };
const request = https.get(process.argv[2], options, (answer) => {
  answer.on('data', (data) => process.stdout.write(data));
  answer.on('error', fail);
  answer.on('end', () => process.exit(0));
});

function fail(error) {
  console.error(String(error));
  process.exit(1);
}

request.on('error', fail);
request.on('timeout', () => request.destroy(new Error('timeout')));
