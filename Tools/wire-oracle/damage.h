// Damage to encoded messages: some that every parser must refuse, some that it must forgive.
#pragma once

#include <string>

#include "random_message.h"

namespace oracle {

// One to three faults in `wire`. `other` is another message of the same type, to merge or splice.
std::string Damage(const std::string& wire, const std::string& other, Random& random);

}  // namespace oracle
