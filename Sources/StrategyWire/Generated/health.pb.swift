// swift-format-ignore-file
// Made by protoc-gen-madang from grpc/health/v1/health.proto.
// Do not edit: change the .proto file and run Tools/generate.

// The standard health check of gRPC, as github.com/grpc/grpc-proto defines it: names and numbers
// are not ours to change. A server takes it from its gRPC library instead of this file.

package enum PBHealth {
    package static let serviceName = "grpc.health.v1.Health"

    /// The state now. NOT_FOUND for a service that the server does not know.
    ///
    /// Takes ``PBHealthCheckRequest``, returns ``PBHealthCheckResponse``.
    package static let checkPath = "/grpc.health.v1.Health/Check"

    /// The state now, and again at each change.
    ///
    /// Takes ``PBHealthCheckRequest``, returns a stream of ``PBHealthCheckResponse``.
    package static let watchPath = "/grpc.health.v1.Health/Watch"
}

package struct PBHealthCheckRequest: WireMessage {
    package static let protoName = "grpc.health.v1.HealthCheckRequest"

    /// The full name of a service; empty: the server as a whole.
    package var service: String = ""
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(service: String = "") {
        self.service = service
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: service = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, service, tag: 10)
    }
}

package struct PBHealthCheckResponse: WireMessage {
    package static let protoName = "grpc.health.v1.HealthCheckResponse"

    package var status: PBHealthCheckResponse.ServingStatus = .unknown
    package var unknownFields = WireUnknownFields()

    package enum ServingStatus: WireEnum {
        case unknown
        case serving
        case notServing
        /// Said by Watch alone; Check answers NOT_FOUND.
        case serviceUnknown
        /// A number that this build has no name for.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unknown
            case 1: self = .serving
            case 2: self = .notServing
            case 3: self = .serviceUnknown
            default: self = .unrecognized(rawValue)
            }
        }

        package var rawValue: Int32 {
            switch self {
            case .unknown: 0
            case .serving: 1
            case .notServing: 2
            case .serviceUnknown: 3
            case .unrecognized(let number): number
            }
        }
    }

    package init() {}

    package init(status: PBHealthCheckResponse.ServingStatus = .unknown) {
        self.status = status
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: status = try reader.read(WireOpenEnum<PBHealthCheckResponse.ServingStatus>.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireOpenEnum<PBHealthCheckResponse.ServingStatus>.self, status, tag: 8)
    }
}
