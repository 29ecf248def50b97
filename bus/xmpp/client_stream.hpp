// The client's side of one stream (RFC 6120 sections 4 to 7) as a machine: bytes and events in, actions out. It does
// no I/O and reads no clock.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/net/transport.hpp"
#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/scram.hpp"
#include "bus/xmpp/sm.hpp"

namespace xbus::xmpp {

struct ClientStreamOptions {
  std::string domain = {};    // the `to` of the header: the domain asked for, never an SRV target
  std::string account = {};   // localpart; empty with EXTERNAL (the server knows who we are)
  std::string password = {};  // empty: EXTERNAL only
  std::string resource = {};  // wanted; empty: the server's choice
  std::string lang = "en";
  // never: unix socket or plain_loopback; done: direct TLS
  enum class Tls { never, required, done } tls = Tls::required;
  bool external = false;      // EXTERNAL may be used (unix socket or client certificate)
  bool plain_allowed = true;  // PLAIN under TLS when nothing better is offered
  // Stream management is wanted (XEP-0198); where it holds a session that can be resumed, that is tried before a
  // resource is bound. Who sends a stanza tells it to `counts`.
  std::shared_ptr<SmSession> sm = {};
  bool manage = true;  // of a new session, with the login; else when manage() is called
};

// Why a login did not come about, for one line to a person and for the decision to try again.
struct LoginError {
  enum class Kind {
    stream_error,         // `stream` says which
    tls_not_offered,      // we require TLS
    untrusted,            // the certificate did not pass
    no_common_mechanism,
    wrong_credentials,    // SASL failure; `text` holds the condition
    downgrade,            // the server did not prove itself, or a binding or mechanism list was tampered with
    bind_refused,
    see_other_host,       // `text` holds the host; the caller reconnects there
    protocol,             // the server broke the protocol
    not_xmpp,             // what answers speaks something else; `text` is the beginning of what it said
    unreachable,          // name, connection or handshake
    timed_out,            // no login within the time given
    closed,               // the stream ended in the middle
  } kind = Kind::closed;
  StreamCondition stream{};
  std::string text = {};
};

class ClientStream {
 public:
  class Actions {
   public:
    virtual void send(std::string_view bytes) = 0;
    virtual void start_tls() = 0;  // answer with on_secured()
    // Does the work, better not on the loop; answer with on_password_hashed(), at once or later.
    virtual void hash_password(ScramWork work) = 0;
    virtual void established(const Jid& jid) = 0;
    virtual void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) = 0;
    // The former session goes on: what was not acknowledged has been sent again.
    virtual void resumed() {}
    // It does not; established() follows. `known`: what the server had handled of it is acknowledged.
    enum class Handled : bool { unknown, known };
    virtual void not_resumed(Handled) {}
    virtual void acknowledged(const StreamManagement::Kept&) {}
    // How far a login has come, for whoever tells a person.
    enum class Reached : uint8_t {
      features,   // the server's header and features, on each stream before the login
      mechanism,  // one of SASL is chosen, and tried
      login,      // the server has accepted it
    };
    virtual void reached(Reached) {}
    virtual void failed(const LoginError& error) = 0;  // before or after it was established; close() follows
    virtual void close() = 0;

   protected:
    ~Actions() = default;
  };

  ClientStream(ClientStreamOptions options, Actions& actions);
  ~ClientStream();

  void start();  // the transport is connected: sends the header (direct TLS: after on_secured)
  size_t on_bytes(std::string_view window);  // as ServerStream::on_bytes
  void on_secured(const net::TlsFacts& facts);
  // work.run(); then call on_bytes() again with what is kept.
  void on_password_hashed(std::string_view salted_password);
  // Asks for stream management now, where ClientStreamOptions::sm is there and it was neither asked for nor refused.
  void manage();
  void end();    // </stream:stream>, then waits for the peer's

  bool established() const;
  const Jid& jid() const;
  // What the server announced by XEP-0478, else limits::stanza_bytes_assumed.
  size_t stanza_bytes_max() const;
  const xml::Element& features() const;  // the last ones offered
  std::vector<std::string> mechanisms() const;  // of SASL, that these offer
  std::string_view mechanism() const;           // that is tried; empty without

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xbus::xmpp
