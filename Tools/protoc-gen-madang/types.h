// Messages, enums and services as Swift declarations.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "names.h"
#include "source.h"

namespace madang {

// Each returns false with `error` set where Swift would not compile: two names that become one.
bool DeclareMessage(const google::protobuf::Descriptor* message, const Options& options,
                    Source& source, std::string* error);
bool DeclareEnum(const google::protobuf::EnumDescriptor* type, const Options& options,
                 Source& source, std::string* error);
// The service's name and the paths of its methods.
void DeclareService(const google::protobuf::ServiceDescriptor* service, const Options& options,
                    Source& source);

// The comment of a declaration as `///` lines.
template <typename Descriptor>
void Document(const Descriptor* descriptor, Source& source) {
  google::protobuf::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return;
  source.Comment("///", location.leading_comments);
  source.Comment("///", location.trailing_comments);
}

}  // namespace madang
