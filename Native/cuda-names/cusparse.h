// Names that libtorch's headers mention, for a build without the library's own headers. Nothing here is called.
#pragma once
typedef struct cusparseContext *cusparseHandle_t;
typedef enum { CUSPARSE_STATUS_SUCCESS = 0 } cusparseStatus_t;
