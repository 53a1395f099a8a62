// swift-format-ignore-file
// Made by protoc-gen-madang from madang/strategy/v1/service.proto.
// Do not edit: change the .proto file and run Tools/generate.

// The contract between a Madang host and a strategy server, revision 1.
//
// The host is the gRPC client; a strategy server, in any language, is the gRPC server. Read this
// file first, then describe.proto (who a server is), session.proto (one session), events.proto
// (what it sees) and results.proto (what it says). docs/PROTOCOL.md tells the same as a story, with
// sequences.
//
// Conventions. Money, prices and quantities are integers at 10^-8. Times are nanoseconds since
// 1970-01-01T00:00:00Z. Confidences, weights and fractions are integers at 10^-6. A position is an
// event's 64-bit number. A "number" of an instrument is local to the session. v1 only grows: fields
// are added, never changed or reused; a kind of event is sent only to a server that asked for it.

/// A server also serves the standard grpc.health.v1.Health; it is ready when Check("") answers
/// SERVING and Describe answers.
package enum PBStrategyServer {
    package static let serviceName = "madang.strategy.v1.StrategyServer"

    /// Who the server is and what it needs. Cheap, without side effects, asked before each
    /// connection.
    ///
    /// Takes ``PBDescribeRequest``, returns ``PBDescribeResponse``.
    package static let describePath = "/madang.strategy.v1.StrategyServer/Describe"

    /// One session. The host sends Configure first; the server answers Ready, or ends the call with
    /// FAILED_PRECONDITION or INVALID_ARGUMENT and a text that says what to do: then a person must
    /// act, and the host does not try again. Behind Ready any other end than Drained is a break:
    /// the host connects again and resumes.
    ///
    /// Takes a stream of ``PBHostMessage``, returns a stream of ``PBServerMessage``.
    package static let runPath = "/madang.strategy.v1.StrategyServer/Run"
}
