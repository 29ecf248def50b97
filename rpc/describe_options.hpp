// The options of ours in protobuf descriptors (idl/xbus/options.proto), read and written as the unknown fields that
// they are to a program without that file's generated code.
#pragma once
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xbus::describe {

// Numbers of the extensions, the same in each kind of options that has them.
enum Option : int {
  option_name = 51000,     // string: the name on the bus, where protobuf's rules give another
  option_version = 51001,  // string, of a service
  option_event = 51002,    // Event message, repeated, of a service
  option_retry = 51003,    // Retry message, of a method
  option_made = 51004,     // bool, of a message that stands for no structure: made to hold parameters or a result
  option_type = 51005,     // string, of a field: the type as Type::text() has it, where protobuf's says less
};

template <class Options>
google::protobuf::UnknownFieldSet& unknown_of(Options* options) {
  return *options->GetReflection()->MutableUnknownFields(options);
}
template <class Options>
const google::protobuf::UnknownFieldSet& unknown_of(const Options& options) {
  return options.GetReflection()->GetUnknownFields(options);
}

template <class Options>
void set_text(Options* options, int number, std::string_view text) {
  unknown_of(options).AddLengthDelimited(number, std::string(text));
}
template <class Options>
void set_flag(Options* options, int number) {
  unknown_of(options).AddVarint(number, 1);
}

std::optional<std::string> text_in(const google::protobuf::UnknownFieldSet& fields, int number);
std::optional<uint64_t> number_in(const google::protobuf::UnknownFieldSet& fields, int number);

template <class Options>
std::optional<std::string> text_of(const Options& options, int number) {
  return text_in(unknown_of(options), number);
}
template <class Options>
bool flag_of(const Options& options, int number) {
  return number_in(unknown_of(options), number).value_or(0) != 0;
}

}  // namespace xbus::describe
