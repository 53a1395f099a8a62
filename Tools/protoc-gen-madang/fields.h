// One field: its Swift type, and the statements that read and write it.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "names.h"
#include "source.h"

namespace madang {

// True if a value of the message may hold, through singular fields alone, another one of its kind
// by way of this field: then Swift needs a box.
bool IsRecursive(const google::protobuf::FieldDescriptor* field);

class Field {
 public:
  Field(const google::protobuf::FieldDescriptor* descriptor, const Options& options)
      : field_(descriptor), options_(&options) {}

  const google::protobuf::FieldDescriptor* descriptor() const { return field_; }
  const google::protobuf::OneofDescriptor* oneof() const { return field_->real_containing_oneof(); }
  std::string Name() const { return PropertyName(field_); }
  // The type of one value: Int64, PBTicks.
  std::string ValueType() const;
  // The type of the property: [Int64], PBTicks?.
  std::string PropertyType() const;
  // What the property is at first: [], nil, 0.
  std::string Initial() const;

  // The property, or the box and the property over it.
  void Declare(Source& source) const;
  // The cases of the switch over tags.
  void Read(Source& source) const;
  // The statement that writes a field outside of a oneof.
  void Write(Source& source) const;
  // The call that writes `value`, for the case of a oneof.
  std::string Put(const std::string& value) const;

 private:
  enum class Kind { kPlain, kOptional, kMessage, kRepeated, kMap };
  Kind kind() const;
  std::string Codec() const;
  std::string Tag(bool packed) const;
  bool IsBoxed() const;

  const google::protobuf::FieldDescriptor* field_;
  const Options* options_;
};

}  // namespace madang
