// Names that libtorch's headers mention, for a build without the library's own headers. Nothing here is called.
#pragma once
typedef struct cublasContext *cublasHandle_t;
typedef enum { CUBLAS_STATUS_SUCCESS = 0 } cublasStatus_t;
