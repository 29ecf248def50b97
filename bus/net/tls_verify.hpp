// What is asked of a peer's certificate during the handshake: callbacks for the TLS library.
#pragma once

struct x509_store_ctx_st;

namespace xbus::net {

// A client looks at a server: the pin, or a chain to a trusted CA and the name asked for. 1: accepted.
int verify_server(x509_store_ctx_st* check, void*);
// A server looks at a client: the handshake goes on whatever the outcome, which the connection's TlsFacts tell.
int verify_client(x509_store_ctx_st* check, void*);

}  // namespace xbus::net
