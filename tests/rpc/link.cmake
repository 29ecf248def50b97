set(link protobuf::libprotobuf)
