// Swift source as it grows: lines, indented by four spaces a level.
#pragma once

#include <string>
#include <vector>

namespace madang {

class Source {
 public:
  static constexpr int kWidth = 100;

  // An empty line, never two in a row and none behind an opening brace.
  void Blank();
  void Line(const std::string& text);
  // Opens a level: "struct A" becomes "struct A {".
  void Open(const std::string& text);
  void Close();
  // "head(a, b)tail" on one line if it fits, else one item a line.
  void Call(const std::string& head, const std::vector<std::string>& items,
            const std::string& tail);
  // Words wrapped at the width, each line behind `mark` ("///" or "//"). Blank lines and lists
  // stay.
  void Comment(const std::string& mark, const std::string& text);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  int depth_ = 0;
  bool may_blank_ = false;
};

}  // namespace madang
