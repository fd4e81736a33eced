// Names that libtorch's headers mention, for a build without the library's own headers. Nothing here is called.
#pragma once
typedef enum { CUSOLVER_STATUS_SUCCESS = 0 } cusolverStatus_t;
