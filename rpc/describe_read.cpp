// Reads a Description from a FileDescriptorSet.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

#include "bus/limits.hpp"
#include "rpc/describe.hpp"
#include "rpc/describe_options.hpp"
#include "rpc/type_text.hpp"

namespace xbus {

namespace {

namespace pb = google::protobuf;
using describe::text_of;

// Keeps what the pool has against the set.
class Errors : public pb::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string&, const std::string& element, const pb::Message*, ErrorLocation,
                const std::string& message) override {
    if (text_.empty()) text_ = element + ": " + message;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

template <class Descriptor>
std::string name_on_bus(const Descriptor* descriptor) {
  return text_of(descriptor->options(), describe::option_name).value_or(descriptor->name());
}

// Leading comments, without the space and the newline that protoc leaves around each line.
template <class Descriptor>
std::string doc_of(const Descriptor* descriptor) {
  pb::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return {};
  std::string out;
  const std::string& text = location.leading_comments;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    size_t begin = at;
    if (begin < end && text[begin] == ' ') ++begin;
    if (!out.empty()) out += '\n';
    out.append(text, begin, end - begin);
    at = end + 1;
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

class Reader {
 public:
  Description read(const pb::ServiceDescriptor& service) {
    out_.name = text_of(service.options(), describe::option_name).value_or(service.full_name());
    out_.version = text_of(service.options(), describe::option_version).value_or("");
    out_.doc = doc_of(&service);
    for (int i = 0; i < service.method_count(); ++i) method(*service.method(i));
    events(describe::unknown_of(service.options()));
    sort();
    return std::move(out_);
  }

 private:
  void method(const pb::MethodDescriptor& method) {
    MethodDescription& out = out_.methods.emplace_back();
    out.name = name_on_bus(&method);
    out.doc = doc_of(&method);
    out.idempotent = method.options().idempotency_level() != pb::MethodOptions::IDEMPOTENCY_UNKNOWN;
    if (const auto retry = text_of(method.options(), describe::option_retry)) {
      pb::UnknownFieldSet fields;
      if (fields.ParseFromString(*retry)) {
        out.retry.attempts = static_cast<unsigned>(describe::number_in(fields, 1).value_or(1));
        out.retry.wait = std::chrono::milliseconds(describe::number_in(fields, 2).value_or(0));
      }
    }
    out.params = fields(*method.input_type());
    const pb::Descriptor& result = *method.output_type();
    if (describe::flag_of(result.options(), describe::option_made) && result.field_count() == 1) {
      out.result = type(*result.field(0));
    } else {
      out.result = message(result);
    }
  }

  std::vector<Field> fields(const pb::Descriptor& message) {
    std::vector<Field> out;
    for (int i = 0; i < message.field_count(); ++i)
      out.push_back({name_on_bus(message.field(i)), type(*message.field(i))});
    return out;
  }

  Type type(const pb::FieldDescriptor& field) {
    Type plain = Type::Kind::any;
    if (field.is_map()) {
      plain = Type::map(single(*field.message_type()->map_value()));
    } else if (field.is_repeated()) {
      plain = Type::list(single(field));
    } else {
      plain = single(field);
      if (field.has_optional_keyword() || (field.real_containing_oneof() != nullptr)) plain = Type::optional(plain);
    }
    // What the field says of the types it names has been read above; now the whole of it.
    if (const auto text = text_of(field.options(), describe::option_type))
      return type_from_text(*text, out_.types).value_or(plain);
    return plain;
  }

  Type single(const pb::FieldDescriptor& field) {
    using K = Type::Kind;
    switch (field.type()) {
      case pb::FieldDescriptor::TYPE_BOOL: return K::boolean;
      case pb::FieldDescriptor::TYPE_INT32:
      case pb::FieldDescriptor::TYPE_SINT32:
      case pb::FieldDescriptor::TYPE_SFIXED32: return K::int32;
      case pb::FieldDescriptor::TYPE_INT64:
      case pb::FieldDescriptor::TYPE_SINT64:
      case pb::FieldDescriptor::TYPE_SFIXED64: return K::int64;
      case pb::FieldDescriptor::TYPE_UINT32:
      case pb::FieldDescriptor::TYPE_FIXED32: return K::uint32;
      case pb::FieldDescriptor::TYPE_UINT64:
      case pb::FieldDescriptor::TYPE_FIXED64: return K::uint64;
      case pb::FieldDescriptor::TYPE_FLOAT: return K::real32;
      case pb::FieldDescriptor::TYPE_DOUBLE: return K::real64;
      case pb::FieldDescriptor::TYPE_STRING: return K::string;
      case pb::FieldDescriptor::TYPE_BYTES: return K::bytes;
      case pb::FieldDescriptor::TYPE_ENUM: return enumeration(*field.enum_type());
      case pb::FieldDescriptor::TYPE_MESSAGE:
      case pb::FieldDescriptor::TYPE_GROUP: return message(*field.message_type());
    }
    return K::any;
  }

  // A stranger's messages may nest without end, or a made one hold itself.
  Type message(const pb::Descriptor& message) {
    if (depth_ == limits::value_depth_max) return Type::Kind::any;
    ++depth_;
    Type type = message_type(message);
    --depth_;
    return type;
  }

  Type message_type(const pb::Descriptor& message) {
    const std::string& full = message.full_name();
    if (full == "google.protobuf.Timestamp") return Type::Kind::timestamp;
    if (full == "google.protobuf.Duration") return Type::Kind::duration;
    if (full == "google.protobuf.Empty") return Type::Kind::nothing;
    if (full == "google.protobuf.Value" || full == "google.protobuf.Struct" || full == "google.protobuf.Any")
      return Type::Kind::any;
    if (describe::flag_of(message.options(), describe::option_made)) {
      // It wraps what repeats; the field that uses it says the whole type, here its parts are entered.
      return message.field_count() == 1 ? type(*message.field(0)) : Type(Type::Kind::any);
    }
    const std::string name = name_on_bus(&message);
    if (out_.types.add(Type::Kind::structure, name)) {
      NamedType named{Type::Kind::structure, name, fields(message), {}};
      out_.types.fill(name, std::move(named));
    }
    return Type::named(Type::Kind::structure, name);
  }

  Type enumeration(const pb::EnumDescriptor& values) {
    const std::string name = name_on_bus(&values);
    if (out_.types.add(Type::Kind::enumeration, name)) {
      NamedType named{Type::Kind::enumeration, name, {}, {}};
      for (int i = 0; i < values.value_count(); ++i) named.values.push_back(name_on_bus(values.value(i)));
      out_.types.fill(name, std::move(named));
    }
    return Type::named(Type::Kind::enumeration, name);
  }

  void events(const pb::UnknownFieldSet& options) {
    for (int i = 0; i < options.field_count(); ++i) {
      const pb::UnknownField& option = options.field(i);
      if (option.number() != describe::option_event || option.type() != pb::UnknownField::TYPE_LENGTH_DELIMITED)
        continue;
      pb::UnknownFieldSet fields;
      if (!fields.ParseFromString(option.length_delimited())) continue;
      const auto text = [&](int number) { return describe::text_in(fields, number).value_or(""); };
      out_.events.push_back({text(1), text(2), type_from_text(text(3), out_.types).value_or(Type::Kind::any)});
    }
  }

  void sort() {
    std::sort(out_.methods.begin(), out_.methods.end(), [](auto& a, auto& b) { return a.name < b.name; });
    out_.types.sort();
  }

  Description out_;
  size_t depth_ = 0;
};

}  // namespace

Result<Description, Fault> description_from(const Bytes& descriptor_set) {
  const auto invalid = [](std::string why) { return Err{Fault(Fault::Kind::invalid, "no description: " + why)}; };
  pb::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size())))
    return invalid("not a FileDescriptorSet");
  pb::DescriptorPool pool;
  Errors errors;
  const pb::ServiceDescriptor* service = nullptr;
  // Files come after those that they need.
  for (const pb::FileDescriptorProto& proto : set.file()) {
    const pb::FileDescriptor* file = pool.BuildFileCollectingErrors(proto, &errors);
    if (!file) return invalid(errors.text());
    if (file->service_count() > 0) service = file->service(0);
  }
  if (!service) return invalid("there is no service in it");
  return Reader().read(*service);
}

}  // namespace xbus
