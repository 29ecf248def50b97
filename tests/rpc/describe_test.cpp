// Descriptions as protobuf descriptors and back.
#include "rpc/describe.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "rpc/service.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

enum class State { up, down };
XBUS_ENUM(State, up, down)
enum class Way { up, down };
XBUS_ENUM(Way, up, down)
enum class Case { up, Up, UP_ };
XBUS_ENUM(Case, up, Up, UP_)

struct Link {
  std::string name;
  State state{};
  std::optional<int16_t> speed;
  std::vector<Link> members;
  std::map<std::string, uint64_t> counters;
  std::optional<std::vector<Way>> ways;
};
XBUS_STRUCT(Link, name, state, speed, members, counters, ways)

// A service that uses every type there is.
void define(Service& service) {
  service.version("3.1").doc("Links of this host.\nAll of them.");
  service.method("all", {"i8", "i16", "u8", "u32", "f", "d"},
                 [](int8_t, int16_t, uint8_t, uint32_t, float, double) { return true; });
  service.method("net.links", {"filter", "since", "within"},
                 [](std::optional<std::string>, Timestamp, std::chrono::seconds) { return std::vector<Link>(); })
      .doc("Lists links.\n\nSorted by name.")
      .retry({3, 250ms});
  service.method("link", {"name"}, [](std::string) { return Link(); }).idempotent();
  service.method("matrix", {"rows"}, [](std::vector<std::vector<std::optional<int>>>) {
    return std::map<std::string, std::map<std::string, std::vector<int8_t>>>();
  });
  service.method("raw", {"bytes", "anything"}, [](Bytes, Value) { return std::optional<Link>(); });
  service.method("nothing", [] {});
  // Names that protobuf's rules bend.
  service.method("a.b", {"x-y", "x_y"}, [](int, int) { return 1; });
  service.method("a_b", {}, [] { return Case::up; });
}

TEST(Describe, comes_back_as_it_went) {
  for (const char* name : {"net", "billing.v2.Invoices", "with-hyphen", "7up", "Link", "AllRequest"}) {
    Service service(name);
    define(service);
    Description description = service.describe();
    description.events.push_back({"link", "A link changed.", Type::named(Type::Kind::structure, "Link")});
    const auto back = description_from(to_descriptor_set(description));
    ASSERT_TRUE(back) << back.error().what();
    EXPECT_EQ(back->name, name);
    EXPECT_EQ(back->version, description.version);
    EXPECT_EQ(back->doc, description.doc);
    ASSERT_EQ(back->methods.size(), description.methods.size());
    for (size_t i = 0; i < back->methods.size(); ++i) {
      SCOPED_TRACE(description.methods[i].name);
      EXPECT_EQ(Description::signature(back->methods[i]), Description::signature(description.methods[i]));
      EXPECT_EQ(back->methods[i], description.methods[i]);
    }
    EXPECT_EQ(back->types, description.types);
    EXPECT_EQ(*back, description);
    EXPECT_EQ(back->hash(), description.hash());
  }
}

TEST(Describe, protobuf_sees_an_ordinary_service) {
  Service service("billing.Invoices");
  define(service);
  const Bytes bytes = to_descriptor_set(service.describe());
  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  google::protobuf::DescriptorPool pool;
  for (const auto& file : set.file()) ASSERT_NE(pool.BuildFile(file), nullptr) << file.name();
  const auto* found = pool.FindServiceByName("billing.Invoices");
  ASSERT_NE(found, nullptr);
  const auto* link = found->FindMethodByName("link");
  ASSERT_NE(link, nullptr);
  EXPECT_EQ(link->input_type()->full_name(), "billing.LinkRequest");
  EXPECT_EQ(link->output_type()->full_name(), "billing.Link");
  EXPECT_EQ(link->options().idempotency_level(), google::protobuf::MethodOptions::IDEMPOTENT);
  EXPECT_TRUE(link->output_type()->FindFieldByName("speed")->has_optional_keyword());
  EXPECT_TRUE(link->output_type()->FindFieldByName("counters")->is_map());
  EXPECT_EQ(found->FindMethodByName("nothing")->output_type()->full_name(), "google.protobuf.Empty");
  google::protobuf::SourceLocation location;
  ASSERT_TRUE(found->FindMethodByName("net_links")->GetSourceLocation(&location));
  EXPECT_EQ(location.leading_comments, "Lists links.\n\nSorted by name.");
}

TEST(Describe, reads_descriptors_of_others) {
  google::protobuf::FileDescriptorSet set;
  auto& file = *set.add_file();
  file.set_name("x.proto");
  file.set_package("pkg");
  file.set_syntax("proto3");
  auto& message = *file.add_message_type();
  message.set_name("Req");
  auto& field = *message.add_field();
  field.set_name("id");
  field.set_number(1);
  field.set_type(google::protobuf::FieldDescriptorProto::TYPE_SINT64);
  field.set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
  auto& service = *file.add_service();
  service.set_name("Svc");
  auto& method = *service.add_method();
  method.set_name("Get");
  method.set_input_type(".pkg.Req");
  method.set_output_type(".pkg.Req");
  std::string text = set.SerializeAsString();
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  const auto description = description_from(Bytes(begin, begin + text.size()));
  ASSERT_TRUE(description);
  EXPECT_EQ(description->name, "pkg.Svc");
  EXPECT_EQ(Description::signature(description->methods[0]), "Get(id: list<int64>) -> Req");
}

TEST(Describe, what_is_no_description_is_refused) {
  EXPECT_FALSE(description_from(Bytes{}));
  EXPECT_FALSE(description_from(Bytes{std::byte{1}, std::byte{2}, std::byte{3}}));
  google::protobuf::FileDescriptorSet set;
  set.add_file()->add_dependency("missing.proto");
  const std::string text = set.SerializeAsString();
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  EXPECT_FALSE(description_from(Bytes(begin, begin + text.size())));
}

TEST(Describe, endless_nesting_ends) {
  google::protobuf::FileDescriptorSet set;
  auto& file = *set.add_file();
  file.set_name("x.proto");
  file.set_syntax("proto3");
  constexpr int levels = 20'000;
  for (int i = 0; i < levels; ++i) {
    auto& message = *file.add_message_type();
    message.set_name("M" + std::to_string(i));
    auto& field = *message.add_field();
    field.set_name("f");
    field.set_number(1);
    field.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field.set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
    field.set_type_name(".M" + std::to_string((i + 1) % levels));
  }
  auto& service = *file.add_service();
  service.set_name("S");
  auto& method = *service.add_method();
  method.set_name("m");
  method.set_input_type(".M0");
  method.set_output_type(".M0");
  const std::string text = set.SerializeAsString();
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  const auto description = description_from(Bytes(begin, begin + text.size()));
  ASSERT_TRUE(description);
  EXPECT_LE(description->types.all().size(), limits::value_depth_max + 1);
}

TEST(Describe, the_hash_is_of_the_interface) {
  const auto hash = [](auto define_more) {
    Service service("s");
    define(service);
    define_more(service);
    return service.describe().hash();
  };
  const std::string base = hash([](Service&) {});
  EXPECT_EQ(base.size(), 16u);
  EXPECT_EQ(hash([](Service& s) { s.doc("other words").version("9"); }), base);
  EXPECT_NE(hash([](Service& s) { s.method("more", [] {}); }), base);
  EXPECT_NE(hash([](Service& s) { s.method("more", [] {}).idempotent(); }), hash([](Service& s) { s.method("more", [] {}); }));
}

}  // namespace
}  // namespace xbus
