// The server's side of one client stream (RFC 6120 sections 4 to 7) as a machine: bytes and events in, actions out.
// It does no I/O and reads no clock.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/crypto/random.hpp"
#include "bus/limits.hpp"
#include "bus/net/transport.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/scram.hpp"
#include "bus/xmpp/sm.hpp"

namespace xbus::xmpp {

// What a stream may do, decided by its listener. One for all streams of a listener, which it outlives.
struct ServerStreamOptions {
  std::string domain = {};  // the domain served; a header for another gets host-unknown
  // Another name by which a header may ask for the domain, and is answered: what a client calls the bus that it finds
  // on a socket of its host before it has been told the domain, by bind. Empty: none.
  std::string alias = {};
  enum class Tls { off, offered, required, done } tls = Tls::required;  // done: direct TLS or a unix socket
  bool external_by_uid = false;         // unix socket: EXTERNAL with the kernel's peer credentials
  // Offered where their conditions hold, best first; PLAIN only under TLS. Empty: all of sasl.hpp.
  std::vector<std::string> mechanisms = {};
  size_t stanza_bytes_max = limits::stanza_bytes_max;
  std::string default_lang = "en";
  bool stream_management = true;  // XEP-0198 is offered
  StreamManagement::Options management = {};  // for what is enabled from now on
  // Announced beside our own once the client has logged in, as they stand: the server's caps (XEP-0115 section 6.3).
  std::vector<xml::Element> features = {};
  // Salts of accounts that do not exist come from it (CORE-27). One for all listeners of a server, better kept over
  // restarts.
  std::string stand_in_secret = crypto::random_bytes(32);
};

class ServerStream {
 public:
  // What the machine wants done, in the order called. All are called from inside on_...() functions.
  class Actions {
   public:
    virtual void send(std::string_view bytes) = 0;
    virtual void start_tls() = 0;  // answer with on_secured()
    // The keys of an account, or nothing when there is none (the machine then plays the dialogue to its end with a
    // derived salt, CORE-27). `local` is a prepared localpart.
    virtual std::optional<ScramKeys> scram_keys(std::string_view local, ScramHash hash) = 0;
    // Checks a password off the loop; answer with on_password().
    virtual void check_password(std::string_view local, std::string_view password) = 0;
    // The account that the kernel's uid or the client certificate stands for; `authzid` is empty or the bare JID asked
    // for, prepared and of our domain. Nothing: refused. Another account than asked for, or an empty name where none was
    // asked for and there are several (XEP-0178): invalid-authzid.
    virtual std::optional<std::string> external_account(std::string_view authzid) = 0;
    virtual void authenticated(std::string_view local, std::string_view mechanism) = 0;
    virtual void login_failed(std::string_view local, std::string_view mechanism) = 0;
    // Takes the resource (empty: choose one) and answers the full JID, or an error of RFC 6120 section 7.7.2.
    virtual Result<Jid, StanzaError> bind(std::string_view resource) = 0;
    // A proven stanza of an established stream. `header` is the sender's.
    virtual void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) = 0;
    // A stanza of the machine's own, on its way like one that is routed here.
    virtual void reply(std::string_view stanza) { send(stanza); }

    // ---- Stream management (XEP-0198); by default a stream has acknowledgements and cannot be resumed ----
    // It begins: the id to resume by, and for how long, where that is granted. sm() is there from now on, and every
    // stanza that goes out is to be told to it.
    virtual SmEnabled sm_enabled(const SmEnable&) { return {}; }
    // The former session of the account that has logged in, taken from wherever it is, or <failed/>.
    struct Former {
      Jid jid;
      std::unique_ptr<StreamManagement> sm;
    };
    virtual Result<Former, xml::Element> sm_resume(const SmResume&) {
      return Err{sm_failed(Condition::feature_not_implemented)};
    }
    // The stream is established by resumption, and what was not acknowledged is sent again.
    virtual void sm_resumed() {}
    virtual void sm_acknowledged(const StreamManagement::Kept&) {}

    // The dialogue is over; everything sent so far must still be written, then the transport closes.
    virtual void close() = 0;

   protected:
    ~Actions() = default;
  };

  ServerStream(const ServerStreamOptions& options, Actions& actions);
  ~ServerStream();

  // Bytes not yet consumed, oldest first; returns how many it is done with. The caller keeps the rest and calls again
  // with more behind it. Stops consuming while it waits for TLS or a password check: after on_secured() and
  // on_password() call again with what is kept. Nothing may be kept when TLS begins; bytes behind <starttls/> end the
  // stream.
  size_t on_bytes(std::string_view window);
  void on_secured(const net::TlsFacts& facts);  // STARTTLS or direct TLS done
  void on_password(bool right);
  void on_login_timeout();
  // Ends the stream with an error (system-shutdown, conflict, ...), from outside.
  void end(StreamCondition condition, std::string_view text = {});
  // Ends the stream without an error: </stream:stream>. What the client still says is delivered until it ends its side,
  // then close() comes; the caller bounds the wait.
  void end();

  bool established() const;
  const Jid& jid() const;  // after bind
  const xml::HeaderView& header() const;
  StreamManagement* sm() const;  // null: not enabled
  std::unique_ptr<StreamManagement> take_sm();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xbus::xmpp
