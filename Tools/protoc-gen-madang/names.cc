#include "names.h"

#include <cctype>
#include <set>

namespace madang {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;

namespace {

std::string Camel(const std::string& snake, bool upper) {
  std::string result, word;
  bool first = true;
  auto take = [&] {
    if (word.empty()) return;
    if (!first && word == "id") {
      result += "ID";
    } else {
      if (upper || !first) word[0] = static_cast<char>(std::toupper(word[0]));
      result += word;
    }
    first = false;
    word.clear();
  };
  for (char c : snake) {
    if (c == '_') {
      take();
    } else {
      word += c;
    }
  }
  take();
  return result;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

// Upper-case words with underscores: ServingStatus is SERVING_STATUS.
std::string UpperSnake(const std::string& camel) {
  std::string result;
  for (size_t i = 0; i < camel.size(); ++i) {
    const bool starts = std::isupper(camel[i]) && i > 0 &&
                        (std::islower(camel[i - 1]) || std::isdigit(camel[i - 1]));
    if (starts) result += '_';
    result += static_cast<char>(std::toupper(camel[i]));
  }
  return result;
}

const std::set<std::string>& Keywords() {
  static const std::set<std::string> words = {
      "as",        "associatedtype", "break",    "case",      "catch",      "class",
      "continue",  "default",        "defer",    "deinit",    "do",         "else",
      "enum",      "extension",      "false",    "for",       "func",       "guard",
      "if",        "import",         "in",       "inout",     "internal",   "is",
      "let",       "nil",            "operator", "package",   "precedencegroup",
      "private",   "protocol",       "public",   "repeat",    "rethrows",   "return",
      "static",    "struct",         "subscript", "super",    "switch",     "throw",
      "throws",    "true",           "try",      "typealias", "var",        "where",
      "while",     "fileprivate",    "open",     "indirect"};
  return words;
}

// Names that the generated types use themselves, or that Swift does not give away.
std::string Safe(const std::string& name) {
  static const std::set<std::string> taken = {
      "init",  "self",   "Self",   "hash",    "hashValue", "encoded", "write",     "merge",
      "tag",   "reader", "writer", "merged",  "protoName", "unknownFields", "rawValue",
      "none",  "some",   "unrecognized", "Any", "_"};
  if (taken.count(name) != 0) return name + "_";
  return Keywords().count(name) != 0 ? "`" + name + "`" : name;
}

std::string SafeType(const std::string& name, const char* suffix) {
  static const std::set<std::string> taken = {
      "Type",   "Protocol", "Self",   "Any",    "Int32", "Int64",  "UInt32", "UInt64",
      "Float",  "Double",   "Bool",   "String", "UInt8", "Swift",  "Hasher"};
  return taken.count(name) != 0 ? name + suffix : name;
}

}  // namespace

std::string LowerCamel(const std::string& snake) { return Camel(snake, false); }
std::string UpperCamel(const std::string& snake) { return Camel(snake, true); }

std::string PropertyName(const FieldDescriptor* field) { return Safe(LowerCamel(field->name())); }
std::string PropertyName(const OneofDescriptor* oneof) { return Safe(LowerCamel(oneof->name())); }
std::string CaseName(const FieldDescriptor* field) { return Safe(LowerCamel(field->name())); }

std::string CaseName(const EnumValueDescriptor* value) {
  const std::string prefix = UpperSnake(value->type()->name()) + "_";
  std::string name = value->name();
  if (name.size() > prefix.size() && name.compare(0, prefix.size(), prefix) == 0 &&
      std::isalpha(name[prefix.size()])) {
    name = name.substr(prefix.size());
  }
  return Safe(LowerCamel(Lower(name)));
}

std::string LocalName(const Descriptor* message, const Options& options) {
  if (message->containing_type() != nullptr) return SafeType(message->name(), "Message");
  return options.prefix + message->name();
}

std::string LocalName(const EnumDescriptor* type, const Options& options) {
  if (type->containing_type() != nullptr) return SafeType(type->name(), "Enum");
  return options.prefix + type->name();
}

std::string LocalName(const OneofDescriptor* oneof) {
  const std::string name = SafeType(UpperCamel(oneof->name()), "Oneof");
  const Descriptor* owner = oneof->containing_type();
  const bool clashes = owner->FindNestedTypeByName(name) != nullptr ||
                       owner->FindEnumTypeByName(name) != nullptr;
  return clashes ? name + "Oneof" : name;
}

std::string FullName(const Descriptor* message, const Options& options) {
  const std::string local = LocalName(message, options);
  if (message->containing_type() == nullptr) return local;
  return FullName(message->containing_type(), options) + "." + local;
}

std::string FullName(const EnumDescriptor* type, const Options& options) {
  const std::string local = LocalName(type, options);
  if (type->containing_type() == nullptr) return local;
  return FullName(type->containing_type(), options) + "." + local;
}

std::string OutputName(const FileDescriptor* file) {
  std::string name = file->name();
  const size_t slash = name.rfind('/');
  if (slash != std::string::npos) name = name.substr(slash + 1);
  const size_t dot = name.rfind(".proto");
  if (dot != std::string::npos) name = name.substr(0, dot);
  return name + ".pb.swift";
}

}  // namespace madang
