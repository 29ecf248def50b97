// The archive of a pubsub node (XEP-0442): Message Archive Management (XEP-0313) of its items, whose ids are those of the
// archive.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/forwarded.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/pubsub.hpp"
#include "bus/xmpp/rsm.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_archive = "urn:xmpp:mam:2";
inline constexpr std::string_view archive_extended = "urn:xmpp:mam:2#extended";

// Section 4: what matches has been published at `start`, at `end` or between, by `with`, between two items, and is one of
// `ids`; what is absent lets everything match.
struct ArchiveQuery {
  std::string node;
  std::string id;  // the asker's, in each result; empty: none
  std::optional<Timestamp> start, end;
  std::optional<Jid> with;
  std::optional<std::string> after_id, before_id;
  std::optional<std::vector<std::string>> ids;
  PageRequest page;
  bool flip = false;  // the page's items come newest first (section 4.3.4)
};

// `query` is that of an iq of type set. feature-not-implemented for a field that is none of ours, bad-request for a value
// that is none, bad-request with nodeid-required where the node is missing.
Result<ArchiveQuery, PubsubRefusal> archive_query_from(const xml::Element& query);
// The node of a <metadata/> or of a <query/>; the same refusals.
Result<std::string, PubsubRefusal> archive_node_from(const xml::Element& element);

// The answer to a query of type get: which fields there are.
xml::Element archive_form(std::string_view node);
// The payload of a message: one item of the archive.
xml::Element archive_result(std::string_view query_id, std::string_view item_id, const Forwarded& forwarded);
// The answer behind the last of them. `complete`: there is no further page.
xml::Element archive_end(const Page& page, bool complete);

struct ArchivedAt {
  std::string id;
  Timestamp stamp;
};
// The answer to <metadata/>; both absent: there is nothing.
xml::Element archive_metadata(const std::optional<ArchivedAt>& first, const std::optional<ArchivedAt>& last);

}  // namespace xbus::xmpp
