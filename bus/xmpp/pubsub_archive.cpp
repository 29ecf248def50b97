#include "bus/xmpp/pubsub_archive.hpp"

#include "bus/limits_topics.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::xmpp {
namespace {

using Refused = std::optional<PubsubRefusal>;

PubsubRefusal bad(std::string text) { return {Condition::bad_request, PubsubCondition::none, std::move(text)}; }

Refused read_time(const Field& field, std::optional<Timestamp>& to) {
  if (field.values.size() != 1) return bad(field.var);
  to = parse_datetime(field.value());
  if (!to) return bad(field.var + " is no date and time");
  return {};
}

Refused read_id(const Field& field, std::optional<std::string>& to) {
  if (field.values.size() != 1) return bad(field.var);
  to = field.values.front();
  return {};
}

Refused read_field(const Field& field, ArchiveQuery& query) {
  if (field.var == "start") return read_time(field, query.start);
  if (field.var == "end") return read_time(field, query.end);
  if (field.var == "after-id") return read_id(field, query.after_id);
  if (field.var == "before-id") return read_id(field, query.before_id);
  if (field.var == "with") {
    auto jid = Jid::parse(field.value());
    if (field.values.size() != 1 || !jid) return bad("with is no address");
    query.with = *jid;
    return {};
  }
  if (field.var == "ids") {
    if (field.values.size() > limits::items_per_request_max) return bad("too many ids");
    query.ids = field.values;
    return {};
  }
  // Section 4.1.5: what is not understood is not left out in silence.
  return PubsubRefusal(Condition::feature_not_implemented, PubsubCondition::none, field.var);
}

Refused read_form(const xml::Element& x, ArchiveQuery& query) {
  auto form = form_from(x);
  if (!form || form->type != FormType::submit) return bad("a form of type submit is wanted");
  if (form->form_type() != ns_archive) return bad("the form is another");
  for (const Field& field : form->fields) {
    if (field.var == "FORM_TYPE") continue;
    if (auto refused = read_field(field, query)) return refused;
  }
  return {};
}

xml::Element end_of(std::string_view name, const ArchivedAt& at) {
  xml::Element element(name, ns_archive);
  element.set("id", at.id).set("timestamp", format_datetime(at.stamp));
  return element;
}

}  // namespace

Result<std::string, PubsubRefusal> archive_node_from(const xml::Element& element) {
  std::string node(element.attr_or("node", {}));
  if (node.empty()) return Err{PubsubRefusal(Condition::bad_request, PubsubCondition::nodeid_required)};
  if (node.size() > limits::topic_name_bytes_max)
    return Err{PubsubRefusal(Condition::not_acceptable, PubsubCondition::none, "too long a node id")};
  return node;
}

Result<ArchiveQuery, PubsubRefusal> archive_query_from(const xml::Element& query) {
  auto node = archive_node_from(query);
  if (!node) return Err{node.error()};
  ArchiveQuery asked;
  asked.node = std::move(*node);
  asked.id = std::string(query.attr_or("queryid", {}));
  if (asked.id.size() > limits::archive_query_id_bytes_max)
    return Err{PubsubRefusal(Condition::not_acceptable, PubsubCondition::none, "too long a queryid")};
  if (const xml::Element* x = query.first("x", ns_data)) {
    if (auto refused = read_form(*x, asked)) return Err{std::move(*refused)};
  }
  auto page = page_request_from(query);
  if (!page) return Err{bad("the page cannot be read")};
  asked.page = std::move(*page);
  asked.flip = query.first("flip-page", ns_archive) != nullptr;
  return asked;
}

xml::Element archive_form(std::string_view node) {
  Form form = make_form(FormType::form, ns_archive);
  auto add = [&](std::string_view var, FieldType type) {
    Field field;
    field.var = std::string(var);
    field.type = type;
    form.fields.push_back(std::move(field));
  };
  add("with", FieldType::jid_single);
  add("start", FieldType::text_single);
  add("end", FieldType::text_single);
  add("before-id", FieldType::text_single);
  add("after-id", FieldType::text_single);
  add("ids", FieldType::list_multi);
  Validation any;
  any.method = Validation::Method::open;
  form.fields.back().validation = any;
  xml::Element query("query", ns_archive);
  if (!node.empty()) query.set("node", node);
  return query.with(to_element(form));
}

xml::Element archive_result(std::string_view query_id, std::string_view item_id, const Forwarded& forwarded) {
  xml::Element result("result", ns_archive);
  if (!query_id.empty()) result.set("queryid", query_id);
  result.set("id", item_id);
  return result.with(to_element(forwarded));
}

xml::Element archive_end(const Page& page, bool complete) {
  xml::Element fin("fin", ns_archive);
  if (complete) fin.set("complete", "true");
  return fin.with(to_element(page));
}

xml::Element archive_metadata(const std::optional<ArchivedAt>& first, const std::optional<ArchivedAt>& last) {
  xml::Element metadata("metadata", ns_archive);
  if (first && last) metadata.with(end_of("start", *first)).with(end_of("end", *last));
  return metadata;
}

}  // namespace xbus::xmpp
