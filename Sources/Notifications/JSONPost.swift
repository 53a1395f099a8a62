import Foundation
import HTTPTransport
import Platform
import Ports

/// Sends a letter as JSON, once, and reads what the answer means; see ``failedDelivery(_:)`` for none.
///
/// - Parameter mask: Of what in the address may not be told.
func post(
    _ body: some Encodable, to url: Secret, by client: HTTPClient, mask: SecretMask,
    read: (HTTPResponse) -> Delivery
) async -> Delivery {
    guard let bytes = try? JSONEncoder().encode(body) else {
        return .contentFault("it cannot be written as JSON")
    }
    let request = HTTPRequest(
        .post, url, headers: [.init("Content-Type", "application/json")], body: [UInt8](bytes))
    do throws(HTTPError) {
        return read(mask.applied(to: try await client.send(request)))
    } catch {
        return failedDelivery(error)
    }
}

/// The other side's words, short and without line breaks.
func spoken(_ words: String?, status: Int) -> String {
    guard let words, !words.isEmpty else { return "HTTP \(status)" }
    return cutText(words.replacing(/\s+/, with: " "), limit: 200)
}

/// What is told of an answer that the service itself does not give: of a wrong address, or of something in between.
func strangeAnswer(_ service: String, _ response: HTTPResponse) -> String {
    "an answer that is not \(service)'s: HTTP \(response.status)"
}

/// The longer of the waits that body and header ask for, in ns; 5 s where neither does.
func retryWait(_ response: HTTPResponse, body: Double?) -> Int64 {
    let header = response[header: "Retry-After"].flatMap(Double.init)
    let seconds = [header, body].compactMap { $0 }.filter { $0.isFinite && $0 >= 0 }.max() ?? 5
    return Int64(min(seconds, 86_400) * 1_000_000_000)
}

/// What it means for a letter that there was no answer.
func failedDelivery(_ error: HTTPError) -> Delivery {
    if error.isCertainlyNotSent { return .transient("\(error)") }
    return .unknownOutcome("\(error)")
}
