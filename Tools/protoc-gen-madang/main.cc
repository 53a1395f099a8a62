// protoc-gen-madang: Swift value types for the messages of .proto files (proto3), over the wire
// runtime in Sources/StrategyWire/Runtime. Run by Tools/generate; its output is checked in.

#include <google/protobuf/compiler/code_generator.h>
#include <google/protobuf/compiler/plugin.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "names.h"
#include "source.h"
#include "types.h"

namespace madang {

using google::protobuf::FileDescriptor;
using google::protobuf::SourceLocation;
using google::protobuf::compiler::CodeGenerator;
using google::protobuf::compiler::GeneratorContext;

class SwiftGenerator : public CodeGenerator {
 public:
  uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }

  bool Generate(const FileDescriptor* file, const std::string& parameter,
                GeneratorContext* context, std::string* error) const override {
    Options options;
    if (!Parse(parameter, options, error)) return false;
    if (file->syntax() != FileDescriptor::SYNTAX_PROTO3) {
      *error = file->name() + ": only proto3 is supported; say syntax = \"proto3\"";
      return false;
    }
    if (file->extension_count() > 0) {
      *error = file->name() + ": extensions are not supported";
      return false;
    }
    Source source;
    Head(file, options, source);
    for (int i = 0; i < file->service_count(); ++i) {
      source.Blank();
      DeclareService(file->service(i), options, source);
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      source.Blank();
      if (!DeclareEnum(file->enum_type(i), options, source, error)) return false;
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      source.Blank();
      if (!DeclareMessage(file->message_type(i), options, source, error)) return false;
    }
    return Save(OutputName(file), source.text(), context, error);
  }

 private:
  static bool Parse(const std::string& parameter, Options& options, std::string* error) {
    std::vector<std::pair<std::string, std::string>> pairs;
    google::protobuf::compiler::ParseGeneratorParameter(parameter, &pairs);
    for (const auto& [name, value] : pairs) {
      if (name == "prefix") {
        options.prefix = value;
      } else if (name == "import") {
        options.import = value;
      } else if (name == "visibility" && (value == "package" || value == "internal")) {
        options.visibility = value;
      } else {
        *error = "unknown option \"" + name + "=" + value +
                 "\": prefix=TEXT, visibility=package|internal and import=MODULE are known";
        return false;
      }
    }
    return true;
  }

  static void Head(const FileDescriptor* file, const Options& options, Source& source) {
    source.Line("// swift-format-ignore-file");
    source.Line("// Made by protoc-gen-madang from " + file->name() + ".");
    source.Line("// Do not edit: change the .proto file and run Tools/generate.");
    SourceLocation location;
    if (file->GetSourceLocation({12}, &location) && !location.leading_comments.empty()) {
      source.Blank();
      source.Comment("//", location.leading_comments);
    }
    if (options.import.empty()) return;
    source.Blank();
    source.Line((options.visibility == "package" ? "package import " : "import ") + options.import);
  }

  static bool Save(const std::string& name, const std::string& text, GeneratorContext* context,
                   std::string* error) {
    std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> output(context->Open(name));
    size_t done = 0;
    while (done < text.size()) {
      void* block = nullptr;
      int size = 0;
      if (!output->Next(&block, &size)) {
        *error = "cannot write " + name;
        return false;
      }
      const size_t part = std::min(static_cast<size_t>(size), text.size() - done);
      std::memcpy(block, text.data() + done, part);
      done += part;
      output->BackUp(size - static_cast<int>(part));
    }
    return true;
  }
};

}  // namespace madang

int main(int argc, char* argv[]) {
  const madang::SwiftGenerator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
