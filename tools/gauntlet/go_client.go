// Usage: go_client URL CAFILE
package main

import (
    "crypto/tls"
    "crypto/x509"
    "fmt"
    "io"
    "net/http"
    "os"
    "time"
)

func fail(err error) {
    if err != nil {
        fmt.Fprintln(os.Stderr, err)
        os.Exit(1)
    }
}

func main() {
    pem, err := os.ReadFile(os.Args[2])
    fail(err)
    pool := x509.NewCertPool()
    pool.AppendCertsFromPEM(pem)
    client := http.Client{
        Timeout:   8 * time.Second,
        Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
    }
    answer, err := client.Get(os.Args[1])
    fail(err)
    body, err := io.ReadAll(answer.Body)
    fail(err)
    fmt.Println(string(body))
}
