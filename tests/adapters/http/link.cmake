set(link xbus_feeds)
