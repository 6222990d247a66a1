// Stands in for ankerl::unordered_dense, which Debian does not package: the same names on the standard containers.
//
// What the worker relies on is the part that both share: insert, find, erase, iteration. The standard containers keep
// references valid where the original moves elements, so nothing that is right with the original is wrong here.
#ifndef MEDIACLUSTER_UNORDERED_DENSE_H
#define MEDIACLUSTER_UNORDERED_DENSE_H

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<class Key>
	using hash = std::hash<Key>;

	template<class Key, class Value, class Hash = hash<Key>, class Equal = std::equal_to<Key>>
	using map = std::unordered_map<Key, Value, Hash, Equal>;

	template<class Key, class Hash = hash<Key>, class Equal = std::equal_to<Key>>
	using set = std::unordered_set<Key, Hash, Equal>;
} // namespace ankerl::unordered_dense

#endif
