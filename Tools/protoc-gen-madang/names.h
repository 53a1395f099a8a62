// From names in .proto files to names in Swift.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace madang {

// What the command line may set, as in
// --madang_opt=prefix=PB,visibility=package,import=StrategyWire.
struct Options {
  // Put before every top-level type.
  std::string prefix = "PB";
  // "package" or "internal".
  std::string visibility = "package";
  // The module with the runtime, where it is another one than that of the generated code.
  std::string import;

  // "package " or nothing: what stands before a declaration.
  std::string Access() const { return visibility == "internal" ? "" : visibility + " "; }
};

// feed_time: feedTime. A word "id" past the first becomes ID.
std::string LowerCamel(const std::string& snake);
std::string UpperCamel(const std::string& snake);

std::string PropertyName(const google::protobuf::FieldDescriptor* field);
std::string PropertyName(const google::protobuf::OneofDescriptor* oneof);
// Without the enum's own name in front: Action.ACTION_UNSPECIFIED is `unspecified`.
std::string CaseName(const google::protobuf::EnumValueDescriptor* value);
std::string CaseName(const google::protobuf::FieldDescriptor* oneof_field);

// The name where it is declared, and the one by which others call it.
std::string LocalName(const google::protobuf::Descriptor* message, const Options& options);
std::string LocalName(const google::protobuf::EnumDescriptor* type, const Options& options);
std::string LocalName(const google::protobuf::OneofDescriptor* oneof);
std::string FullName(const google::protobuf::Descriptor* message, const Options& options);
std::string FullName(const google::protobuf::EnumDescriptor* type, const Options& options);

// madang/strategy/v1/events.proto: events.pb.swift.
std::string OutputName(const google::protobuf::FileDescriptor* file);

}  // namespace madang
