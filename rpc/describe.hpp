// Descriptions as protobuf descriptors: what system.describe answers, and what is read from it.
#pragma once
#include "bus/result.hpp"
#include "rpc/description.hpp"
#include "rpc/fault.hpp"
#include "rpc/value.hpp"

namespace xbus {

// A serialized google.protobuf.FileDescriptorSet (proto3) with every file it needs. The service `a.b.Name` is the
// protobuf service Name in package a.b; a method is an rpc of the same name whose request message has its parameters
// as fields and whose response has one field `result`, or is the structure returned. Docs are leading comments. What
// protobuf has no word for stands in options of ours (idl/xbus/options.proto).
Bytes to_descriptor_set(const Description& description);

// Reads such a set, and any other with one service: a foreign method has its request's fields as parameters and its
// response as a structure. The Fault, of kind invalid, says why it cannot be read.
Result<Description, Fault> description_from(const Bytes& descriptor_set);

}  // namespace xbus
