// What protobuf's conformance suite asks of an implementation: it sends a message, this answers
// with the same one, decoded and encoded again. Binary proto3 only; the rest is skipped by name.
// Built by Tools/conformance/run together with the wire runtime and the suite's own messages.
import Glibc

/// The next bytes of standard input, or `nil` at its end.
func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var at = 0
    while at < count {
        let got = bytes.withUnsafeMutableBytes {
            read(0, $0.baseAddress.map { $0 + at }, count - at)
        }
        guard got > 0 else { return nil }
        at += got
    }
    return bytes
}

func send(_ message: [UInt8]) {
    let size = UInt32(message.count)
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: size >> UInt32(8 * $0)) } + message
    var at = 0
    while at < bytes.count {
        let sent = bytes.withUnsafeBytes {
            write(1, $0.baseAddress.map { $0 + at }, bytes.count - at)
        }
        guard sent > 0 else { return }
        at += sent
    }
}

func answer(_ request: PBConformanceRequest) -> PBConformanceResponse.Result {
    // The suite asks first which failures are expected: none.
    if request.messageType == "conformance.FailureSet" { return .protobufPayload([]) }
    guard request.messageType == PBTestAllTypesProto3.protoName,
        request.requestedOutputFormat == .protobuf,
        case .protobufPayload(let payload) = request.payload
    else { return .skipped("only proto3 from binary to binary") }
    do {
        return .protobufPayload(try PBTestAllTypesProto3(decoding: payload).encoded())
    } catch {
        return .parseError("\(error)")
    }
}

while let head = receive(4) {
    let size = head.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard let bytes = receive(size) else { break }
    var response = PBConformanceResponse()
    do {
        response.result = answer(try PBConformanceRequest(decoding: bytes))
    } catch {
        response.result = .runtimeError("\(error)")
    }
    send(response.encoded())
}
