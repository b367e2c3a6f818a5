"""One screen a module, with its stylesheet beside it. A screen holds no data that a service could give again."""
