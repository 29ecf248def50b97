// Ad-Hoc Commands (XEP-0050): what is asked for and what is answered, without the work itself.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/forms.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_commands = "http://jabber.org/protocol/commands";

struct CommandRequest {
  enum class Action : uint8_t { execute, cancel, prev, next, complete };
  std::string node, session;  // session empty: a new one
  Action action = Action::execute;
  std::optional<Form> form;
};

struct CommandNote {
  enum class Type : uint8_t { info, warn, error };
  Type type = Type::info;
  std::string text;
};

struct CommandAnswer {
  enum class Status : uint8_t { executing, completed, canceled };
  std::string node, session;
  Status status = Status::completed;
  std::optional<Form> form;
  std::vector<CommandNote> notes;
};

// The errors of section 4.4 that have a condition of their own.
enum class CommandError : uint8_t {
  malformed_action,
  bad_action,
  bad_locale,
  bad_payload,
  bad_sessionid,
  session_expired,
};
StanzaError stanza_error(CommandError error, std::string text = {});

// Reads the <command/> of an iq of type set; the error is the answer to one that cannot be read.
Result<CommandRequest, StanzaError> command_request_from(const xml::Element& command);
// An answer that is `executing` offers to complete, which is what `execute` then means (section 3.4).
xml::Element to_element(const CommandAnswer& answer);

// disco#info of a command's node (CMD-01).
DiscoInfo commands_info();  // of ns_commands as a node: the list
DiscoInfo command_info(std::string_view node, std::string_view name);

}  // namespace xbus::xmpp
