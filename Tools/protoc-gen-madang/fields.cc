#include "fields.h"

#include <google/protobuf/wire_format.h>
#include <google/protobuf/wire_format_lite.h>

#include <set>

namespace madang {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormat;
using google::protobuf::internal::WireFormatLite;

namespace {

bool IsSingularMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated();
}

bool Holds(const Descriptor* from, const Descriptor* wanted, std::set<const Descriptor*>& seen) {
  if (from == wanted) return true;
  if (!seen.insert(from).second) return false;
  for (int i = 0; i < from->field_count(); ++i) {
    const FieldDescriptor* field = from->field(i);
    if (IsSingularMessage(field) && Holds(field->message_type(), wanted, seen)) return true;
  }
  return false;
}

std::string Capitalized(std::string name) {
  name[0] = static_cast<char>(std::toupper(name[0]));
  return name;
}

}  // namespace

bool IsRecursive(const FieldDescriptor* field) {
  std::set<const Descriptor*> seen;
  return IsSingularMessage(field) && Holds(field->message_type(), field->containing_type(), seen);
}

Field::Kind Field::kind() const {
  if (field_->is_map()) return Kind::kMap;
  if (field_->is_repeated()) return Kind::kRepeated;
  if (field_->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return Kind::kMessage;
  return field_->has_presence() ? Kind::kOptional : Kind::kPlain;
}

bool Field::IsBoxed() const { return oneof() == nullptr && IsRecursive(field_); }

std::string Field::ValueType() const {
  switch (field_->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return "Int32";
    case FieldDescriptor::CPPTYPE_INT64: return "Int64";
    case FieldDescriptor::CPPTYPE_UINT32: return "UInt32";
    case FieldDescriptor::CPPTYPE_UINT64: return "UInt64";
    case FieldDescriptor::CPPTYPE_DOUBLE: return "Double";
    case FieldDescriptor::CPPTYPE_FLOAT: return "Float";
    case FieldDescriptor::CPPTYPE_BOOL: return "Bool";
    case FieldDescriptor::CPPTYPE_STRING:
      return field_->type() == FieldDescriptor::TYPE_BYTES ? "[UInt8]" : "String";
    case FieldDescriptor::CPPTYPE_ENUM: return FullName(field_->enum_type(), *options_);
    case FieldDescriptor::CPPTYPE_MESSAGE: return FullName(field_->message_type(), *options_);
  }
  return "";
}

std::string Field::PropertyType() const {
  switch (kind()) {
    case Kind::kMap: {
      const Field key(field_->message_type()->map_key(), *options_);
      const Field value(field_->message_type()->map_value(), *options_);
      return "WireMap<" + key.ValueType() + ", " + value.ValueType() + ">";
    }
    case Kind::kRepeated: return "[" + ValueType() + "]";
    case Kind::kMessage:
    case Kind::kOptional: return ValueType() + "?";
    case Kind::kPlain: return ValueType();
  }
  return "";
}

std::string Field::Initial() const {
  switch (kind()) {
    case Kind::kMap: return "[:]";
    case Kind::kRepeated: return "[]";
    case Kind::kMessage:
    case Kind::kOptional: return "nil";
    case Kind::kPlain: break;
  }
  switch (field_->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: return "false";
    case FieldDescriptor::CPPTYPE_STRING:
      return field_->type() == FieldDescriptor::TYPE_BYTES ? "[]" : "\"\"";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "." + CaseName(field_->enum_type()->FindValueByNumber(0));
    default: return "0";
  }
}

std::string Field::Codec() const {
  switch (field_->type()) {
    case FieldDescriptor::TYPE_INT32: return "WireInt32";
    case FieldDescriptor::TYPE_INT64: return "WireInt64";
    case FieldDescriptor::TYPE_UINT32: return "WireUInt32";
    case FieldDescriptor::TYPE_UINT64: return "WireUInt64";
    case FieldDescriptor::TYPE_SINT32: return "WireSInt32";
    case FieldDescriptor::TYPE_SINT64: return "WireSInt64";
    case FieldDescriptor::TYPE_FIXED32: return "WireFixed32";
    case FieldDescriptor::TYPE_FIXED64: return "WireFixed64";
    case FieldDescriptor::TYPE_SFIXED32: return "WireSFixed32";
    case FieldDescriptor::TYPE_SFIXED64: return "WireSFixed64";
    case FieldDescriptor::TYPE_FLOAT: return "WireFloat";
    case FieldDescriptor::TYPE_DOUBLE: return "WireDouble";
    case FieldDescriptor::TYPE_BOOL: return "WireBool";
    case FieldDescriptor::TYPE_STRING: return "WireString";
    case FieldDescriptor::TYPE_BYTES: return "WireBytes";
    case FieldDescriptor::TYPE_ENUM: return "WireOpenEnum<" + ValueType() + ">";
    case FieldDescriptor::TYPE_MESSAGE: return "WireNested<" + ValueType() + ">";
    case FieldDescriptor::TYPE_GROUP: break;  // refused by the generator: proto3 has none
  }
  return "";
}

std::string Field::Tag(bool packed) const {
  const auto type = packed ? WireFormatLite::WIRETYPE_LENGTH_DELIMITED
                           : WireFormat::WireTypeForFieldType(field_->type());
  return std::to_string(WireFormatLite::MakeTag(field_->number(), type));
}

void Field::Declare(Source& source) const {
  const std::string access = options_->Access();
  if (!IsBoxed()) {
    source.Line(access + "var " + Name() + ": " + PropertyType() + " = " + Initial());
    return;
  }
  const std::string box = "boxed" + Capitalized(LowerCamel(field_->name()));
  source.Open(access + "var " + Name() + ": " + PropertyType());
  source.Line("get { " + box + "?.value }");
  source.Line("set { " + box + " = newValue.map { WireBox($0) } }");
  source.Close();
  source.Line("private var " + box + ": WireBox<" + ValueType() + ">?");
}

void Field::Read(Source& source) const {
  const std::string name = Name();
  const std::string read = "try reader.read(" + Codec() + ".self)";
  const std::string label = "case " + Tag(false) + ": ";
  if (oneof() != nullptr) {
    const std::string choice = PropertyName(oneof());
    if (kind() != Kind::kMessage) {
      source.Line(label + choice + " = ." + CaseName(field_) + "(" + read + ")");
      return;
    }
    source.Line("case " + Tag(false) + ":");
    source.Line("    var merged = " + ValueType() + "()");
    source.Line("    if case ." + CaseName(field_) + "(let present) = " + choice + " {");
    source.Line("        merged = present");
    source.Line("        " + choice + " = nil");  // merged must be the only owner, or it is copied
    source.Line("    }");
    source.Line("    try reader.merge(into: &merged)");
    source.Line("    " + choice + " = ." + CaseName(field_) + "(merged)");
    return;
  }
  switch (kind()) {
    case Kind::kMap: {
      const Field key(field_->message_type()->map_key(), *options_);
      const Field value(field_->message_type()->map_value(), *options_);
      source.Line("case " + Tag(false) + ":");
      source.Line("    try reader.entry(" + key.Codec() + ".self, " + value.Codec() +
                  ".self, into: &" + name + ")");
      return;
    }
    case Kind::kRepeated:
      if (field_->is_packable()) {
        source.Line("case " + Tag(true) + ": try reader.packed(" + Codec() + ".self, into: &" +
                    name + ")");
      }
      source.Line(label + name + ".append(" + read + ")");
      return;
    case Kind::kMessage:
      if (!IsBoxed()) {
        source.Line(label + "try reader.merge(&" + name + ")");
        return;
      }
      source.Line("case " + Tag(false) + ":");
      source.Line("    var merged = " + name);
      source.Line("    " + name + " = nil");
      source.Line("    try reader.merge(&merged)");
      source.Line("    " + name + " = merged");
      return;
    case Kind::kOptional:
    case Kind::kPlain: source.Line(label + name + " = " + read); return;
  }
}

std::string Field::Put(const std::string& value) const {
  if (kind() == Kind::kMessage) return "writer.put(" + value + ", tag: " + Tag(false) + ")";
  return "writer.put(" + Codec() + ".self, " + value + ", tag: " + Tag(false) + ")";
}

void Field::Write(Source& source) const {
  const std::string name = Name();
  switch (kind()) {
    case Kind::kMap: {
      const Field key(field_->message_type()->map_key(), *options_);
      const Field value(field_->message_type()->map_value(), *options_);
      source.Call("writer.map",
                  {key.Codec() + ".self", value.Codec() + ".self", name, "tag: " + Tag(false)}, "");
      return;
    }
    case Kind::kRepeated: {
      const bool packed = field_->is_packed();
      source.Line(std::string("writer.") + (packed ? "packed(" : "repeated(") + Codec() +
                  ".self, " + name + ", tag: " + Tag(packed) + ")");
      return;
    }
    case Kind::kMessage:
    case Kind::kOptional: source.Line("if let " + name + " { " + Put(name) + " }"); return;
    case Kind::kPlain:
      source.Line("writer.write(" + Codec() + ".self, " + name + ", tag: " + Tag(false) + ")");
      return;
  }
}

}  // namespace madang
