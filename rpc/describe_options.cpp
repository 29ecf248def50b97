#include "rpc/describe_options.hpp"

namespace xbus::describe {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

std::optional<std::string> text_in(const UnknownFieldSet& fields, int number) {
  for (int i = 0; i < fields.field_count(); ++i)
    if (fields.field(i).number() == number && fields.field(i).type() == UnknownField::TYPE_LENGTH_DELIMITED)
      return fields.field(i).length_delimited();
  return {};
}

std::optional<uint64_t> number_in(const UnknownFieldSet& fields, int number) {
  for (int i = 0; i < fields.field_count(); ++i)
    if (fields.field(i).number() == number && fields.field(i).type() == UnknownField::TYPE_VARINT)
      return fields.field(i).varint();
  return {};
}

}  // namespace xbus::describe
