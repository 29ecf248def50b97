// What a person types or pipes in, as the Values that a method's signature asks for.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/type.hpp"
#include "rpc/value.hpp"

namespace xbus {

// The arguments of a call, one a parameter. A string, timestamp, enumeration or base64 is taken as
// typed; a bool is true or false; everything else is JSON, as is what stands for `any` (where text
// that is no JSON is itself). An optional that is given as "null" is nil; parameters left out at
// the end must be optional. Throws a Fault of kind invalid that names the parameter and its type.
std::vector<Value> typed_arguments(std::span<const std::string> words,
                                   const std::vector<Field>& parameters, const Types& types);

// One of them.
Value typed_word(const std::string& word, const Type& type, const Types& types);

// The same from one JSON text: an array of the arguments in order, or an object by the parameters'
// names.
std::vector<Value> json_arguments(std::string_view text, const std::vector<Field>& parameters,
                                  const Types& types);

// Without a signature: each word as JSON where it is JSON, else as a string; the JSON text must be
// an array.
std::vector<Value> plain_arguments(std::span<const std::string> words);
std::vector<Value> plain_json_arguments(std::string_view text);

// A value that came from JSON, as the type asks: whole numbers to their width, text to bytes and
// timestamps, members of structures by name. A Fault of kind invalid names the place where it does
// not fit.
Value typed_value(const Value& json, const Type& type, const Types& types);

}  // namespace xbus
