// Writes a Description as a FileDescriptorSet.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstring>
#include <set>

#include "rpc/describe.hpp"
#include "rpc/describe_options.hpp"

namespace xbus {

namespace {

namespace pb = google::protobuf;
using describe::set_flag;
using describe::set_text;
using FieldProto = pb::FieldDescriptorProto;

std::string identifier(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out += '_';
    out += letter || digit ? c : '_';
  }
  return out.empty() ? "_" : out;
}

// What protobuf compares names by when it looks for two that are one in JSON.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// `name`, or with a number behind it one that `taken` does not have yet.
std::string unlike(std::set<std::string>& taken, const std::string& name) {
  std::string out = name;
  for (int i = 2; !taken.insert(folded(out)).second; ++i) out = name + std::to_string(i);
  return out;
}

// "system.listMethods" becomes "SystemListMethods".
std::string camel(std::string_view name) {
  std::string out;
  bool up = true;
  for (const char c : identifier(name)) {
    if (c == '_') {
      up = true;
      continue;
    }
    out += up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    up = false;
  }
  return out.empty() ? "X" : out;
}

class Writer {
 public:
  explicit Writer(const Description& description) : in_(description) {}

  Bytes write() {
    const size_t dot = in_.name.rfind('.');
    if (dot != std::string::npos) package(in_.name.substr(0, dot));
    const std::string name = identifier(dot == std::string::npos ? in_.name : in_.name.substr(dot + 1));
    file_.set_name(identifier(in_.name) + ".proto");
    file_.set_syntax("proto3");
    names_.insert(name);
    for (const NamedType& type : in_.types.all()) type_names_[type.name] = fresh(identifier(type.name));
    for (const NamedType& type : in_.types.all()) named_type(type);
    service(name);
    return finish();
  }

 private:
  void package(const std::string& dotted) {
    std::string out;
    for (size_t at = 0; at <= dotted.size();) {
      const size_t end = std::min(dotted.find('.', at), dotted.size());
      if (!out.empty()) out += '.';
      out += identifier(dotted.substr(at, end - at));
      at = end + 1;
    }
    file_.set_package(out);
    prefix_ = "." + out + ".";
  }

  // A name that nothing else at the top of the file has.
  std::string fresh(std::string name) {
    while (!names_.insert(name).second) name += '_';
    return name;
  }

  void service(const std::string& name) {
    pb::ServiceDescriptorProto& service = *file_.add_service();
    service.set_name(name);
    set_text(service.mutable_options(), describe::option_name, in_.name);
    if (!in_.version.empty()) set_text(service.mutable_options(), describe::option_version, in_.version);
    for (const EventDescription& event : in_.events) {
      pb::UnknownFieldSet fields;
      fields.AddLengthDelimited(1, event.name);
      fields.AddLengthDelimited(2, event.doc);
      fields.AddLengthDelimited(3, event.type.text());
      std::string bytes;
      fields.SerializeToString(&bytes);
      set_text(service.mutable_options(), describe::option_event, bytes);
    }
    comment({pb::FileDescriptorProto::kServiceFieldNumber, 0}, in_.doc);
    std::set<std::string> taken;
    for (size_t i = 0; i < in_.methods.size(); ++i) {
      std::string rpc = identifier(in_.methods[i].name);
      while (!taken.insert(rpc).second) rpc += '_';
      method(*service.add_method(), in_.methods[i], rpc);
      comment({pb::FileDescriptorProto::kServiceFieldNumber, 0, pb::ServiceDescriptorProto::kMethodFieldNumber,
               static_cast<int>(i)},
              in_.methods[i].doc);
    }
  }

  void method(pb::MethodDescriptorProto& out, const MethodDescription& method, const std::string& rpc) {
    out.set_name(rpc);
    if (rpc != method.name) set_text(out.mutable_options(), describe::option_name, method.name);
    if (method.idempotent) out.mutable_options()->set_idempotency_level(pb::MethodOptions::IDEMPOTENT);
    if (method.retry != RetryPolicy{}) {
      pb::UnknownFieldSet fields;
      fields.AddVarint(1, method.retry.attempts);
      fields.AddVarint(2, static_cast<uint64_t>(
                              std::chrono::duration_cast<std::chrono::milliseconds>(method.retry.wait).count()));
      std::string bytes;
      fields.SerializeToString(&bytes);
      set_text(out.mutable_options(), describe::option_retry, bytes);
    }
    out.set_input_type(prefix_ + made(camel(method.name) + "Request", method.params));
    if (method.result.kind == Type::Kind::nothing) {
      out.set_output_type(".google.protobuf.Empty");
      depend(pb::Empty::descriptor());
    } else if (method.result.kind == Type::Kind::structure) {
      out.set_output_type(prefix_ + type_names_[method.result.name]);
    } else {
      out.set_output_type(prefix_ + made(camel(method.name) + "Response", {{"result", method.result}}));
    }
  }

  // A message that stands for no structure.
  std::string made(const std::string& wanted, const std::vector<Field>& fields) {
    const std::string name = fresh(wanted);
    // Fields may add messages, which moves the file's: so it is built here and put in last.
    pb::DescriptorProto message;
    message.set_name(name);
    set_flag(message.mutable_options(), describe::option_made);
    add_fields(message, fields);
    *file_.add_message_type() = std::move(message);
    return name;
  }

  void named_type(const NamedType& type) {
    const std::string& name = type_names_[type.name];
    if (type.kind == Type::Kind::enumeration) {
      pb::EnumDescriptorProto& out = *file_.add_enum_type();
      out.set_name(name);
      if (name != type.name) set_text(out.mutable_options(), describe::option_name, type.name);
      std::set<std::string> taken;
      for (size_t i = 0; i < type.values.size(); ++i) {
        // Values share one scope with everything else, so each begins with its enumeration's name.
        pb::EnumValueDescriptorProto& value = *out.add_value();
        value.set_name(fresh(name + "_" + unlike(taken, identifier(type.values[i]))));
        value.set_number(static_cast<int>(i));
        set_text(value.mutable_options(), describe::option_name, type.values[i]);
      }
      return;
    }
    pb::DescriptorProto message;
    message.set_name(name);
    if (name != type.name) set_text(message.mutable_options(), describe::option_name, type.name);
    add_fields(message, type.members);
    *file_.add_message_type() = std::move(message);
  }

  void add_fields(pb::DescriptorProto& message, const std::vector<Field>& fields) {
    std::set<std::string> taken;
    std::vector<int> optional;
    for (const Field& field : fields) {
      const std::string name = unlike(taken, identifier(field.name));
      FieldProto& out = *message.add_field();
      out.set_name(name);
      out.set_json_name(field.name);
      out.set_number(message.field_size());
      out.set_label(FieldProto::LABEL_OPTIONAL);
      if (name != field.name) set_text(out.mutable_options(), describe::option_name, field.name);
      set_type(message, out, field.type);
      if (field.type.is_optional() && out.label() != FieldProto::LABEL_REPEATED) optional.push_back(message.field_size() - 1);
    }
    // proto3 says "optional" by a oneof of one field, behind all true ones.
    for (const int index : optional) {
      FieldProto& field = *message.mutable_field(index);
      field.set_proto3_optional(true);
      field.set_oneof_index(message.oneof_decl_size());
      message.add_oneof_decl()->set_name("_" + field.name());
    }
  }

  void set_type(pb::DescriptorProto& message, FieldProto& out, const Type& type) {
    const Type& inner = type.is_optional() ? type.element[0] : type;
    if (inner.kind == Type::Kind::list) {
      out.set_label(FieldProto::LABEL_REPEATED);
      set_single(out, inner.element[0]);
    } else if (inner.kind == Type::Kind::map) {
      set_map(message, out, inner.element[0]);
    } else {
      set_single(out, inner);
    }
    if (says_less(type)) set_text(out.mutable_options(), describe::option_type, type.text());
  }

  // Whether reading the field without our option would give another type.
  static bool says_less(const Type& type) {
    using K = Type::Kind;
    switch (type.kind) {
      case K::int8: case K::int16: case K::uint8: case K::uint16: return true;
      case K::optional: {
        const K inner = type.element[0].kind;
        return inner == K::list || inner == K::map || inner == K::optional || says_less(type.element[0]);
      }
      case K::list: case K::map: {
        const K inner = type.element[0].kind;
        return inner == K::list || inner == K::map || inner == K::optional || says_less(type.element[0]);
      }
      default: return false;
    }
  }

  // The type of one value: what repeats inside another is wrapped in a message.
  void set_single(FieldProto& out, const Type& type) {
    using K = Type::Kind;
    switch (type.kind) {
      case K::boolean: return out.set_type(FieldProto::TYPE_BOOL);
      case K::int8: case K::int16: case K::int32: return out.set_type(FieldProto::TYPE_INT32);
      case K::int64: return out.set_type(FieldProto::TYPE_INT64);
      case K::uint8: case K::uint16: case K::uint32: return out.set_type(FieldProto::TYPE_UINT32);
      case K::uint64: return out.set_type(FieldProto::TYPE_UINT64);
      case K::real32: return out.set_type(FieldProto::TYPE_FLOAT);
      case K::real64: return out.set_type(FieldProto::TYPE_DOUBLE);
      case K::string: return out.set_type(FieldProto::TYPE_STRING);
      case K::bytes: return out.set_type(FieldProto::TYPE_BYTES);
      case K::timestamp: return well_known(out, pb::Timestamp::descriptor());
      case K::duration: return well_known(out, pb::Duration::descriptor());
      case K::nothing: return well_known(out, pb::Empty::descriptor());
      case K::any: return well_known(out, pb::Value::descriptor());
      case K::structure:
        out.set_type(FieldProto::TYPE_MESSAGE);
        return out.set_type_name(prefix_ + type_names_[type.name]);
      case K::enumeration:
        out.set_type(FieldProto::TYPE_ENUM);
        return out.set_type_name(prefix_ + type_names_[type.name]);
      case K::optional: case K::list: case K::map: {
        std::string& name = wrappers_[type.text()];
        if (name.empty()) name = made(camel(type.text()), {{"value", type}});
        out.set_type(FieldProto::TYPE_MESSAGE);
        return out.set_type_name(prefix_ + name);
      }
    }
  }

  void set_map(pb::DescriptorProto& message, FieldProto& out, const Type& element) {
    std::string name = camel(out.name()) + "Entry";
    pb::DescriptorProto entry;
    entry.set_name(name);
    entry.mutable_options()->set_map_entry(true);
    FieldProto& key = *entry.add_field();
    key.set_name("key");
    key.set_number(1);
    key.set_label(FieldProto::LABEL_OPTIONAL);
    key.set_type(FieldProto::TYPE_STRING);
    FieldProto& value = *entry.add_field();
    value.set_name("value");
    value.set_number(2);
    value.set_label(FieldProto::LABEL_OPTIONAL);
    set_single(value, element);
    *message.add_nested_type() = std::move(entry);
    out.set_label(FieldProto::LABEL_REPEATED);
    out.set_type(FieldProto::TYPE_MESSAGE);
    out.set_type_name(prefix_ + message.name() + "." + name);
  }

  void well_known(FieldProto& out, const pb::Descriptor* type) {
    out.set_type(FieldProto::TYPE_MESSAGE);
    out.set_type_name("." + type->full_name());
    depend(type);
  }

  void depend(const pb::Descriptor* type) {
    if (!needed_.insert(type->file()->name()).second) return;
    file_.add_dependency(type->file()->name());
    type->file()->CopyTo(set_.add_file());
  }

  void comment(std::initializer_list<int> path, const std::string& text) {
    if (text.empty()) return;
    pb::SourceCodeInfo::Location& location = *file_.mutable_source_code_info()->add_location();
    for (const int step : path) location.add_path(step);
    for (const int place : {file_.source_code_info().location_size(), 0, 0}) location.add_span(place);
    location.set_leading_comments(text);
  }

  Bytes finish() {
    *set_.add_file() = file_;
    std::string bytes;
    set_.SerializeToString(&bytes);
    Bytes out(bytes.size());
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }

  const Description& in_;
  pb::FileDescriptorSet set_;
  pb::FileDescriptorProto file_;
  std::string prefix_ = ".";
  std::set<std::string> names_, needed_;
  std::map<std::string, std::string> type_names_, wrappers_;  // names on the bus to names in the file
};

}  // namespace

Bytes to_descriptor_set(const Description& description) { return Writer(description).write(); }

}  // namespace xbus
