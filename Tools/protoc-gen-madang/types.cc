#include "types.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "fields.h"

namespace madang {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;

namespace {

bool Unique(std::set<std::string>& names, const std::string& name, const std::string& where,
            std::string* error) {
  if (names.insert(name).second) return true;
  *error = where + ": two names become \"" + name + "\" in Swift; rename one";
  return false;
}

std::vector<Field> FieldsByNumber(const Descriptor* message, const Options& options) {
  std::vector<Field> fields;
  for (int i = 0; i < message->field_count(); ++i) fields.emplace_back(message->field(i), options);
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) {
    return a.descriptor()->number() < b.descriptor()->number();
  });
  return fields;
}

bool DeclareOneof(const OneofDescriptor* oneof, const Options& options, Source& source,
                  std::string* error) {
  std::set<std::string> names;
  source.Open(options.Access() + "enum " + LocalName(oneof) + ": Hashable, Sendable");
  for (int i = 0; i < oneof->field_count(); ++i) {
    const Field field(oneof->field(i), options);
    const std::string name = CaseName(field.descriptor());
    if (!Unique(names, name, oneof->full_name(), error)) return false;
    Document(field.descriptor(), source);
    source.Line(std::string(IsRecursive(field.descriptor()) ? "indirect case " : "case ") + name +
                "(" + field.ValueType() + ")");
  }
  source.Close();
  return true;
}

// Properties in the order of the .proto file; a oneof stands where its first field does.
bool DeclareProperties(const Descriptor* message, const Options& options, Source& source,
                       std::vector<std::string>& parameters, std::vector<std::string>& names,
                       std::string* error) {
  std::set<std::string> taken;
  for (int i = 0; i < message->field_count(); ++i) {
    const Field field(message->field(i), options);
    const OneofDescriptor* oneof = field.oneof();
    std::string name = field.Name(), type = field.PropertyType(), initial = field.Initial();
    if (oneof != nullptr) {
      if (oneof->field(0) != field.descriptor()) continue;
      name = PropertyName(oneof);
      type = LocalName(oneof) + "?";
      initial = "nil";
      Document(oneof, source);
      source.Line(options.Access() + "var " + name + ": " + type + " = nil");
    } else {
      Document(field.descriptor(), source);
      field.Declare(source);
    }
    if (!Unique(taken, name, message->full_name(), error)) return false;
    parameters.push_back(name + ": " + type + " = " + initial);
    names.push_back(name);
  }
  source.Line(options.Access() + "var unknownFields = WireUnknownFields()");
  return true;
}

void DefineInitializers(const Options& options, const std::vector<std::string>& parameters,
                        const std::vector<std::string>& names, Source& source) {
  source.Blank();
  source.Line(options.Access() + "init() {}");
  if (names.empty()) return;
  source.Blank();
  source.Call(options.Access() + "init", parameters, " {");
  for (const auto& name : names) source.Line("    self." + name + " = " + name);
  source.Line("}");
}

void DefineMerge(const std::vector<Field>& fields, const Options& options, Source& source) {
  source.Blank();
  source.Open(options.Access() +
              "mutating func merge(from reader: inout WireReader) throws(WireError)");
  source.Open("while let tag = try reader.nextTag()");
  if (fields.empty()) {
    source.Line("try reader.keep(tag, in: &unknownFields)");
  } else {
    source.Line("switch tag {");
    for (const Field& field : fields) field.Read(source);
    source.Line("default: try reader.keep(tag, in: &unknownFields)");
    source.Line("}");
  }
  source.Close();
  source.Close();
}

// From the highest number down, since the writer runs backwards.
void DefineWrite(const std::vector<Field>& fields, const Options& options, Source& source) {
  source.Blank();
  source.Open(options.Access() + "func write(to writer: inout WireWriter)");
  source.Line("writer.write(unknownFields)");
  for (auto field = fields.rbegin(); field != fields.rend();) {
    const OneofDescriptor* oneof = field->oneof();
    if (oneof == nullptr) {
      field->Write(source);
      ++field;
      continue;
    }
    auto end = field;
    while (end != fields.rend() && end->oneof() == oneof) ++end;
    const bool whole = end - field == oneof->field_count();
    source.Line("switch " + PropertyName(oneof) + " {");
    for (; field != end; ++field) {
      source.Line("case ." + CaseName(field->descriptor()) + "(let value): " + field->Put("value"));
    }
    source.Line(whole ? "case nil: break" : "default: break");
    source.Line("}");
  }
  source.Close();
}

}  // namespace

bool DeclareMessage(const Descriptor* message, const Options& options, Source& source,
                    std::string* error) {
  Document(message, source);
  source.Open(options.Access() + "struct " + LocalName(message, options) + ": WireMessage");
  source.Line(options.Access() + "static let protoName = \"" + message->full_name() + "\"");
  source.Blank();
  std::vector<std::string> parameters, names;
  if (!DeclareProperties(message, options, source, parameters, names, error)) return false;
  for (int i = 0; i < message->real_oneof_decl_count(); ++i) {
    source.Blank();
    if (!DeclareOneof(message->oneof_decl(i), options, source, error)) return false;
  }
  for (int i = 0; i < message->enum_type_count(); ++i) {
    source.Blank();
    if (!DeclareEnum(message->enum_type(i), options, source, error)) return false;
  }
  for (int i = 0; i < message->nested_type_count(); ++i) {
    if (message->nested_type(i)->options().map_entry()) continue;
    source.Blank();
    if (!DeclareMessage(message->nested_type(i), options, source, error)) return false;
  }
  const std::vector<Field> fields = FieldsByNumber(message, options);
  DefineInitializers(options, parameters, names, source);
  DefineMerge(fields, options, source);
  DefineWrite(fields, options, source);
  source.Close();
  return true;
}

bool DeclareEnum(const EnumDescriptor* type, const Options& options, Source& source,
                 std::string* error) {
  std::map<std::string, int> names;
  std::set<int> numbers;
  std::vector<int> first, aliases;  // indices of values
  Document(type, source);
  source.Open(options.Access() + "enum " + LocalName(type, options) + ": WireEnum");
  for (int i = 0; i < type->value_count(); ++i) {
    const int number = type->value(i)->number();
    const auto [known, added] = names.emplace(CaseName(type->value(i)), number);
    if (!added && known->second != number) {
      *error = type->full_name() + ": two names become \"" + known->first +
               "\" in Swift; rename one";
      return false;
    }
    if (!numbers.insert(number).second) {
      if (added) aliases.push_back(i);
      continue;
    }
    first.push_back(i);
    Document(type->value(i), source);
    source.Line("case " + CaseName(type->value(i)));
  }
  source.Line("/// A number that this build has no name for.");
  source.Line("case unrecognized(Int32)");
  for (int i : aliases) {
    const auto* value = type->value(i);
    Document(value, source);
    source.Line(options.Access() + "static let " + CaseName(value) + " = " +
                LocalName(type, options) + "." +
                CaseName(type->FindValueByNumber(value->number())));
  }
  source.Blank();
  source.Open(options.Access() + "init(rawValue: Int32)");
  source.Line("switch rawValue {");
  for (int i : first) {
    source.Line("case " + std::to_string(type->value(i)->number()) + ": self = ." +
                CaseName(type->value(i)));
  }
  source.Line("default: self = .unrecognized(rawValue)");
  source.Line("}");
  source.Close();
  source.Blank();
  source.Open(options.Access() + "var rawValue: Int32");
  source.Line("switch self {");
  for (int i : first) {
    source.Line("case ." + CaseName(type->value(i)) + ": " +
                std::to_string(type->value(i)->number()));
  }
  source.Line("case .unrecognized(let number): number");
  source.Line("}");
  source.Close();
  source.Close();
  return true;
}

void DeclareService(const ServiceDescriptor* service, const Options& options, Source& source) {
  const std::string access = options.Access();
  Document(service, source);
  source.Open(access + "enum " + options.prefix + service->name());
  source.Line(access + "static let serviceName = \"" + service->full_name() + "\"");
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    std::string name = method->name();
    name[0] = static_cast<char>(std::tolower(name[0]));
    source.Blank();
    Document(method, source);
    source.Line("///");
    const auto side = [&](bool streams, const Descriptor* message) {
      return std::string(streams ? "a stream of " : "") + "``" + FullName(message, options) + "``";
    };
    source.Comment("///", "Takes " + side(method->client_streaming(), method->input_type()) +
                              ", returns " +
                              side(method->server_streaming(), method->output_type()) + ".");
    source.Line(access + "static let " + name + "Path = \"/" + service->full_name() + "/" +
                method->name() + "\"");
  }
  source.Close();
}

}  // namespace madang
