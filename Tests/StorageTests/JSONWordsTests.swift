import Testing

@testable import Storage

@Suite struct JSONWordsTests {
    @Test(arguments: [
        [], [""], ["golden_cross", "rsi<30"], ["\"", "\\", "\n\t\u{1}\u{0}", "가 🦊", "/"],
    ])
    func wordsRoundTrip(_ words: [String]) {
        #expect(JSONWords.decode(JSONWords.encode(words)) == words)
    }

    @Test(arguments: ["", "{}", "[1]", "[\"a\"", "null"]) func otherTextIsRefused(_ text: String) {
        #expect(JSONWords.decode(text) == nil)
    }
}
